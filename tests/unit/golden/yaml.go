//go:build ignore

// Writes the lines of yaml.jsonl anew: what eksctl's reader of YAML makes of each document.
//
//	cd "$(mktemp -d)" && go mod init golden && go get sigs.k8s.io/yaml@v1.4.0
//	cp …/tests/unit/golden/yaml.go . && go run yaml.go < …/tests/unit/golden/yaml.jsonl
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"sigs.k8s.io/yaml"
)

type row struct {
	JSON  json.RawMessage `json:"json,omitempty"`
	Error string          `json:"error,omitempty"`
	YAML  string          `json:"yaml"`
}

// The strict reader takes a key that overrides a merged one for a repetition.
func read(document string) ([]byte, error) {
	if strings.Contains(document, "<<") {
		return yaml.YAMLToJSON([]byte(document))
	}
	return yaml.YAMLToJSONStrict([]byte(document))
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var in, out row
		if err := json.Unmarshal(lines.Bytes(), &in); err != nil {
			panic(err)
		}
		text, err := read(in.YAML)
		out.YAML = in.YAML
		if err != nil {
			out.Error = err.Error()
		} else {
			out.JSON = text
		}
		line, err := json.Marshal(out)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(line))
	}
}
