#include "core/config/file.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"

static struct irsa_arena *arena;
static struct irsa_error err;
static char directory[64];

static const char *path_of(const char *name) {
    return irsa_arena_format(arena, "%s/%s", directory, name);
}

static const char *write_file(const char *name, const char *bytes, size_t length) {
    const char *path = path_of(name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
    return path;
}

static void a_file_is_read_whole_and_terminated(void **state) {
    (void)state;
    static const char bytes[] = "two\nlines\0and a NUL";
    char *read;
    size_t length;
    assert_ok(irsa_file_read(arena, write_file("f", bytes, sizeof bytes), 100, &read, &length, &err), err);
    assert_int_equal(length, sizeof bytes);
    assert_memory_equal(read, bytes, sizeof bytes);
    assert_int_equal(read[length], '\0');
    assert_ok(irsa_file_read(arena, write_file("empty", "", 0), 100, &read, &length, &err), err);
    assert_int_equal(length, 0);
}

static void the_bound_is_the_last_size_that_is_read(void **state) {
    (void)state;
    char *big = irsa_arena_alloc(arena, 100000);
    char *read;
    size_t length;
    memset(big, 'x', 100000);
    static const size_t sizes[] = {1, 16383, 16384, 16385, 99999};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        const char *path = write_file("big", big, sizes[i]);
        assert_ok(irsa_file_read(arena, path, sizes[i], &read, &length, &err), err);
        assert_int_equal(length, sizes[i]);
        path = write_file("big", big, sizes[i] + 1);
        assert_false(irsa_file_read(arena, path, sizes[i], &read, &length, &err));
        assert_code(err, TOO_LARGE);
        assert_non_null(strstr(err.message, "/big: "));
    }
}

static void what_cannot_be_read_is_named_with_the_reason(void **state) {
    (void)state;
    char *read;
    size_t length;
    assert_false(irsa_file_read(arena, path_of("missing"), 100, &read, &length, &err));
    assert_code(err, INVALID);
    assert_non_null(strstr(err.message, "/missing: No such file or directory"));
    assert_false(irsa_file_read(arena, directory, 100, &read, &length, &err));
    assert_code(err, INVALID);
    assert_non_null(strstr(err.message, "Is a directory"));
    struct irsa_strings paths;
    assert_false(irsa_file_list(arena, path_of("missing"), &paths, &err));
    assert_code(err, INVALID);
}

static void standard_input_is_a_file_too(void **state) {
    (void)state;
    char *read;
    size_t length;
    int kept = dup(STDIN_FILENO);
    int fd = open(write_file("in", "input", 5), O_RDONLY);
    assert_true(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    close(fd);
    assert_ok(irsa_file_read(arena, "-", 100, &read, &length, &err), err);
    assert_string_equal(read, "input");
    assert_false(irsa_file_read(arena, "-", 100, &read, &length, &err) && length > 0);
    dup2(kept, STDIN_FILENO);
    close(kept);
    struct irsa_strings paths;
    assert_ok(irsa_file_list(arena, "-", &paths, &err), err);
    assert_int_equal(paths.count, 1);
    assert_string_equal(paths.at[0], "-");
}

static void a_directory_is_its_yaml_and_json_files_in_the_order_of_their_names(void **state) {
    (void)state;
    static const char *const files[] = {"b.yaml", "a.yml", "Z.json", ".hidden.yaml", "notes.txt", "yaml", "c.yaml.bak"};
    struct irsa_strings paths;
    assert_int_equal(mkdir(path_of("d"), 0700), 0);
    assert_int_equal(mkdir(path_of("d/below.yaml"), 0700), 0);
    assert_false(irsa_file_list(arena, path_of("d"), &paths, &err));
    assert_code(err, INVALID);
    assert_non_null(strstr(err.message, "no *.yaml"));
    for (size_t i = 0; i < COUNT_OF(files); i++)
        write_file(irsa_arena_format(arena, "d/%s", files[i]), "", 0);
    assert_int_equal(symlink("b.yaml", path_of("d/link.yaml")), 0);
    static const char *const wanted[] = {"d/Z.json", "d/a.yml", "d/b.yaml", "d/link.yaml"};
    for (int slash = 0; slash < 2; slash++) {
        assert_ok(irsa_file_list(arena, path_of(slash == 0 ? "d" : "d/"), &paths, &err), err);
        assert_int_equal(paths.count, COUNT_OF(wanted));
        for (size_t i = 0; i < COUNT_OF(wanted); i++)
            assert_string_equal(paths.at[i], path_of(wanted[i]));
    }
    assert_ok(irsa_file_list(arena, path_of("d/notes.txt"), &paths, &err), err);
    assert_int_equal(paths.count, 1);
    assert_int_equal(symlink("nowhere", path_of("d/.dangling.yaml")), 0);
    assert_ok(irsa_file_list(arena, path_of("d"), &paths, &err), err);
    assert_int_equal(symlink("nowhere", path_of("d/dangling.yaml")), 0);
    assert_false(irsa_file_list(arena, path_of("d"), &paths, &err));
    assert_code(err, INVALID);
    assert_non_null(strstr(err.message, "dangling.yaml: No such file"));
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk) {
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

static int set_up(void **state) {
    (void)state;
    arena = irsa_arena_new();
    strcpy(directory, "/tmp/irsa-file-test-XXXXXX");
    return mkdtemp(directory) == NULL ? -1 : 0;
}

static int tear_down(void **state) {
    (void)state;
    int status = nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    irsa_arena_free(arena);
    return status;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_read_whole_and_terminated),
        TEST(the_bound_is_the_last_size_that_is_read),
        TEST(what_cannot_be_read_is_named_with_the_reason),
        TEST(standard_input_is_a_file_too),
        TEST(a_directory_is_its_yaml_and_json_files_in_the_order_of_their_names),
    };
    return RUN_TESTS("files");
}
