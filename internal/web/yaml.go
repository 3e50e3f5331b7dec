package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"go.yaml.in/yaml/v3"
)

// wantsYAML reports whether a list is asked for as YAML.
func wantsYAML(r *http.Request) (bool, error) {
	switch format := r.URL.Query().Get("format"); format {
	case "yaml":
		return true, nil
	case "json":
		return false, nil
	case "":
		return strings.HasPrefix(r.Header.Get("Accept"), "application/yaml"), nil
	default:
		return false, badField("format", "no format is named %q: json or yaml", logged(format))
	}
}

// writeYAML answers with what writeJSON would, in YAML, its fields in their order.
func writeYAML(w http.ResponseWriter, value any) error {
	text, err := json.Marshal(value)
	var all yaml.Node
	if err == nil {
		err = yaml.Unmarshal(text, &all) // JSON is YAML
	}
	if err == nil {
		inBlocks(&all)
		text, err = yaml.Marshal(&all)
	}
	if err != nil {
		return fmt.Errorf("web: write %T as YAML: %w", value, err)
	}
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(text) // the peer may have gone
	return nil
}

// inBlocks takes JSON's brackets and quotes from a tree, if none are needed.
func inBlocks(n *yaml.Node) {
	n.Style = 0
	for _, child := range n.Content {
		inBlocks(child)
	}
}
