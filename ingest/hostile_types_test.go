//go:build !race || long

package ingest

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// hostileWraps put a hostile value where a type of source looks.
var hostileWraps = []struct{ kind, begin, end string }{
	{TypeZabbix, `payload={"event_id":"1","host":"a","event_name":"b","event_tags_json":`, `}`},
	{TypeGrafanaLegacy, `{"ruleId":1,"state":"alerting","ruleName":"x","evalMatches":`, `}`},
	{TypeUptimeKuma, "--x\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n" + `{"monitor":{"id":1,"tags":`, `},"heartbeat":{"status":0}}` + "\r\n--x--\r\n"},
	{TypeGraylog, `{"event_definition_id":"1","event_definition_title":"x","event":{"fields":{"a":`, `}},"backlog":[]}`},
	{TypeAzure, `{"data":{"essentials":{"alertId":"1","monitorCondition":"Fired","configurationItems":`, `}}}`},
	{TypeLibreNMS, `alert_id=1&state=1&name=`, `&hostname=x`},
	{TypeGCP, `{"incident":{"incident_id":"1","state":"open","policy_user_labels":`, `}}`},
}

// TestNoBodyOfATypeCostsMuch: nor does any body cost more for a source whose
// tool speaks of one thing.
func TestNoBodyOfATypeCostsMuch(t *testing.T) {
	for i, b := range hostileBodies() {
		w := hostileWraps[i%len(hostileWraps)]
		t.Run(w.kind+"/"+b.name, func(t *testing.T) {
			body := w.begin + b.body(hostileSize()-len(w.begin+w.end)) + w.end
			tk := &taker{}
			h := newHandler(tk, func(o *Options) {
				o.Sources = []Source{{Name: "tool", Type: w.kind, Token: "s3cr3t", MaxBody: DefaultMaxBody}}
			})
			code, said := 0, 0
			grown, took := peak(t, func() {
				answer := post(t, h, "/ingest/tool", body)
				code, said = answer.Code, answer.Body.Len()
			})
			t.Logf("%d, %d MiB, %s", code, grown>>20, took.Round(time.Millisecond))
			if grown > mostGrowth || took > mostTime || said > 16<<10 || code >= http.StatusInternalServerError {
				t.Errorf("%d MiB, %s, answered %d with %d bytes", grown>>20, took, code, said)
			}
			for _, batch := range tk.batches {
				for i := range batch.Alerts {
					whole(t, w.kind, &batch.Alerts[i])
				}
			}
		})
	}
}

// FuzzMemoryOfTypes: no body takes more memory than its length allows.
func FuzzMemoryOfTypes(f *testing.F) {
	for i, b := range hostileBodies() {
		w := hostileWraps[i%len(hostileWraps)]
		f.Add([]byte(w.begin + b.body(16<<10) + w.end))
	}
	f.Add([]byte("a=" + strings.Repeat("%00", 5000)))
	f.Add([]byte(`{"msg":"` + strings.Repeat(`\"`, 5000) + `"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, tool := range Tools() {
			if tool.mapped {
				continue // what it costs is bounded by other means
			}
			for i := range tool.paths {
				p := &tool.paths[i]
				frugal(t, data, func() (parsed, error) { return p.parse(t.Context(), data, usual, now, nil) })
			}
		}
	})
}
