/*
 * The system's clock, RFC 3339 timestamps and durations.
 *
 * Timestamps are computed here (days from the civil calendar), since libc's functions depend on the zone of the
 * process and lock it.
 */
#include "core/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/cancel.h"

#define MS_PER_SECOND INT64_C(1000)
#define MS_PER_MINUTE (60 * MS_PER_SECOND)
#define MS_PER_HOUR   (60 * MS_PER_MINUTE)
#define MS_PER_DAY    (24 * MS_PER_HOUR)
#define NS_PER_MS     1000000
#define DAYS_PER_ERA  146097                   /* 400 years */
#define DAYS_TO_1970  719468                   /* from 0000-03-01 */
#define EARLIEST_MS   INT64_C(-62135596800000) /* 0001-01-01T00:00:00.000Z */
#define LATEST_MS     INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */
#define LONGEST_SLEEP (365 * MS_PER_DAY)

static int64_t read_clock(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / NS_PER_MS;
}

static int64_t system_now_ms(void *self) {
    (void)self;
    return read_clock(CLOCK_REALTIME);
}

static int64_t system_monotonic_ms(void *self) {
    (void)self;
    return read_clock(CLOCK_MONOTONIC);
}

static bool system_sleep_ms(void *self, int64_t duration_ms, const struct irsa_cancel *cancel) {
    (void)self;
    if (duration_ms > LONGEST_SLEEP)
        duration_ms = LONGEST_SLEEP;
    int64_t until_ms = read_clock(CLOCK_MONOTONIC) + duration_ms;
    struct pollfd wake = {.fd = cancel == NULL ? -1 : cancel->fd, .events = POLLIN};
    while (!irsa_cancel_is_set(cancel)) {
        int64_t left_ms = until_ms - read_clock(CLOCK_MONOTONIC);
        if (left_ms <= 0)
            return true;
        struct timespec left = {.tv_sec = left_ms / MS_PER_SECOND, .tv_nsec = left_ms % MS_PER_SECOND * NS_PER_MS};
        if (ppoll(&wake, 1, &left, NULL) > 0)
            break;
    }
    return false;
}

const struct irsa_clock *irsa_clock_system(void) {
    static const struct irsa_clock clock = {
        .now_ms = system_now_ms, .monotonic_ms = system_monotonic_ms, .sleep_ms = system_sleep_ms};
    return &clock;
}

/*
 * Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in March, so that the leap day is the
 * last of its year; an era is 400 years.
 */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

struct date {
    int year, month, day;
};

/* The reverse, for days from year 1 on. */
static struct date civil_from_days(int64_t days) {
    days += DAYS_TO_1970;
    int64_t era = days / DAYS_PER_ERA;
    int64_t day_of_era = days % DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    int64_t month = shifted_month + (shifted_month < 10 ? 3 : -9);
    return (struct date){.year = (int)(year_of_era + era * 400 + (month <= 2)),
                         .month = (int)month,
                         .day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1)};
}

/* `count` digits, and what follows them. */
static char *put_digits(char *out, int64_t value, int count, char follows) {
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    out[count] = follows;
    return out + count + 1;
}

void irsa_timestamp_format(int64_t epoch_ms, char out_text[IRSA_TIMESTAMP_BYTES]) {
    if (epoch_ms < EARLIEST_MS)
        epoch_ms = EARLIEST_MS;
    if (epoch_ms > LATEST_MS)
        epoch_ms = LATEST_MS;
    int64_t ms = (epoch_ms % MS_PER_DAY + MS_PER_DAY) % MS_PER_DAY;
    struct date date = civil_from_days((epoch_ms - ms) / MS_PER_DAY);
    char *out = put_digits(out_text, date.year, 4, '-');
    out = put_digits(out, date.month, 2, '-');
    out = put_digits(out, date.day, 2, 'T');
    out = put_digits(out, ms / MS_PER_HOUR, 2, ':');
    out = put_digits(out, ms / MS_PER_MINUTE % 60, 2, ':');
    out = put_digits(out, ms / MS_PER_SECOND % 60, 2, '.');
    out = put_digits(out, ms % MS_PER_SECOND, 3, 'Z');
    *out = '\0';
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && is_leap ? 29 : days[month - 1];
}

/* Exactly `count` digits within min and max. */
static bool take_number(const char **text, int count, int min, int max, int *out_value) {
    int value = 0;
    for (int i = 0; i < count; i++) {
        char c = (*text)[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *text += count;
    *out_value = value;
    return value >= min && value <= max;
}

static bool take_char(const char **text, const char *set) {
    if (**text == '\0' || strchr(set, **text) == NULL)
        return false;
    (*text)++;
    return true;
}

static bool take_date(const char **text, int64_t *out_ms) {
    int year, month, day;
    if (!take_number(text, 4, 0, 9999, &year) || !take_char(text, "-") || !take_number(text, 2, 1, 12, &month) ||
        !take_char(text, "-") || !take_number(text, 2, 1, days_in_month(year, month), &day))
        return false;
    *out_ms = days_from_civil(year, month, day) * MS_PER_DAY;
    return true;
}

/* Milliseconds of a fraction, whose further digits are passed over. */
static bool take_fraction(const char **text, int64_t *ms) {
    if (!take_char(text, "."))
        return true;
    if (**text < '0' || **text > '9')
        return false;
    for (int64_t weight = MS_PER_SECOND / 10; **text >= '0' && **text <= '9'; (*text)++, weight /= 10)
        *ms += (**text - '0') * weight;
    return true;
}

static bool take_time(const char **text, int64_t *out_ms) {
    int hour, minute, second;
    if (!take_number(text, 2, 0, 23, &hour) || !take_char(text, ":") || !take_number(text, 2, 0, 59, &minute) ||
        !take_char(text, ":") || !take_number(text, 2, 0, 60, &second))
        return false;
    if (second == 60)
        second = 59;
    *out_ms = hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_SECOND;
    return take_fraction(text, out_ms);
}

static bool take_offset(const char **text, int64_t *out_ms) {
    int hour, minute;
    *out_ms = 0;
    if (take_char(text, "Zz"))
        return true;
    int64_t sign = **text == '-' ? -1 : 1;
    if (!take_char(text, "+-") || !take_number(text, 2, 0, 23, &hour) || !take_char(text, ":") ||
        !take_number(text, 2, 0, 59, &minute))
        return false;
    *out_ms = sign * (hour * MS_PER_HOUR + minute * MS_PER_MINUTE);
    return true;
}

bool irsa_timestamp_parse(const char *text, int64_t *out_epoch_ms, struct irsa_error *err) {
    const char *at = text;
    int64_t date_ms, time_ms, offset_ms;
    bool is_read = take_date(&at, &date_ms) && take_char(&at, "Tt") && take_time(&at, &time_ms) &&
                   take_offset(&at, &offset_ms) && *at == '\0';
    if (!is_read)
        return IRSA_FAIL(err, SCHEMA, "\"%.40s\" is no RFC 3339 time such as 2026-11-24T10:03:31Z", text);
    int64_t epoch_ms = date_ms + time_ms - offset_ms;
    if (epoch_ms < EARLIEST_MS || epoch_ms > LATEST_MS)
        return IRSA_FAIL(err, SCHEMA, "\"%.40s\" is outside of the years 0001 to 9999", text);
    *out_epoch_ms = epoch_ms;
    return true;
}

static const struct unit {
    const char *name;
    int64_t ms;
} units[] = {{"d", MS_PER_DAY}, {"h", MS_PER_HOUR}, {"m", MS_PER_MINUTE}, {"s", MS_PER_SECOND}, {"ms", 1}};

#define UNIT_COUNT (sizeof units / sizeof units[0])

/* The unit that `*text` begins with, from `first` on: units come from large to small. */
static const struct unit *take_unit(const char **text, const struct unit *first) {
    size_t length = 0;
    while ((*text)[length] >= 'a' && (*text)[length] <= 'z')
        length++;
    for (const struct unit *unit = first; unit < units + UNIT_COUNT; unit++) {
        if (strlen(unit->name) == length && memcmp(unit->name, *text, length) == 0) {
            *text += length;
            return unit;
        }
    }
    return NULL;
}

static bool take_count(const char **text, int64_t *out_value) {
    int64_t value = 0;
    if (**text < '0' || **text > '9')
        return false;
    for (; **text >= '0' && **text <= '9'; (*text)++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, **text - '0', &value))
            return false;
    *out_value = value;
    return true;
}

static bool read_duration(const char *text, int64_t *out_ms) {
    const struct unit *next = units;
    int64_t total = 0;
    do {
        int64_t count;
        if (!take_count(&text, &count))
            return false;
        bool is_bare = *text == '\0' && next == units;
        const struct unit *unit = is_bare ? &(const struct unit){"s", MS_PER_SECOND} : take_unit(&text, next);
        if (unit == NULL || __builtin_mul_overflow(count, unit->ms, &count) ||
            __builtin_add_overflow(total, count, &total))
            return false;
        next = unit + 1;
    } while (*text != '\0');
    *out_ms = total;
    return true;
}

bool irsa_duration_parse(const char *text, int64_t *out_ms, struct irsa_error *err) {
    if (!read_duration(text, out_ms))
        return IRSA_FAIL(err, INVALID, "\"%.40s\" is no duration such as 90s, 1m30s, 2h, 500ms or 1d", text);
    return true;
}
