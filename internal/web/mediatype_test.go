package web

import (
	"net/http"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/astreinte/astreinte/docs/sources"
)

// TestTheMediaTypeForZabbix: whoever has the daemon has the file, without a token.
func TestTheMediaTypeForZabbix(t *testing.T) {
	w := newDesk(t).call("", http.MethodGet, "/api/v1/zabbix-media-type.yaml", "")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/yaml" || w.Body.String() != string(sources.ZabbixMediaType) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	var file map[string]any
	if err := yaml.Unmarshal(w.Body.Bytes(), &file); err != nil || !strings.Contains(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("%v, %v", err, w.Header())
	}
}
