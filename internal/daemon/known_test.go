package daemon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// genieList asks as a sender of Opsgenie's does, and returns the aliases of the answer and
// how many are counted.
func (w *town) genieList(token, query string) string {
	w.t.Helper()
	code, answer := w.call(http.MethodGet, "/ingest/"+token+"/v2/alerts?order=asc&query="+url.QueryEscape(query), token, nil)
	var list struct {
		Data []struct{ Alias, Status string }
	}
	if err := json.Unmarshal(answer, &list); err != nil || code != http.StatusOK {
		w.t.Fatalf("%d %s %v", code, answer, err)
	}
	code, answer = w.call(http.MethodGet, "/ingest/"+token+"/v2/alerts/count?query="+url.QueryEscape(query), token, nil)
	if code != http.StatusOK || !strings.Contains(string(answer), fmt.Sprintf(`"count":%d}`, len(list.Data))) {
		w.t.Errorf("%s: %d %s", query, code, answer)
	}
	all := []string{}
	for _, one := range list.Data {
		all = append(all, one.Alias+" "+one.Status)
	}
	return strings.Join(all, ", ")
}

// TestASenderListsItsOwnAlerts, open and over, as long as the store has them, and never
// those of another source.
func TestASenderListsItsOwnAlerts(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		for _, alias := range []string{"disk", "load", "ping"} {
			if code, answer := w.call(http.MethodPost, "/ingest/genie/v2/alerts", "genie", map[string]string{"message": alias + " is bad", "alias": alias, "priority": "P5"}); code != http.StatusAccepted {
				t.Fatalf("%d %s", code, answer)
			}
			time.Sleep(time.Second)
		}
		w.call(http.MethodPost, "/ingest/other/v2/alerts", "other", map[string]string{"message": "theirs", "alias": "secret", "priority": "P5"})
		w.call(http.MethodPost, "/ingest/genie/v2/alerts/load/close?identifierType=alias", "genie", map[string]string{})
		w.at(time.Minute)
		for query, want := range map[string]string{
			"": "disk open, load closed, ping open", "status:open": "disk open, ping open", "status:closed": "load closed",
			"alias:load": "load closed", "alias:secret": "", "theirs": "", "alias:disk AND status:closed": "",
		} {
			if got := w.genieList("genie", query); got != want {
				t.Errorf("%q lists %q, want %q", query, got, want)
			}
		}
		if got := w.genieList("other", ""); got != "secret open" {
			t.Errorf("the other source sees %q", got)
		}
		code, answer := w.call(http.MethodGet, "/ingest/other/v2/alerts/secret?identifierType=alias", "other", nil)
		var shown struct{ Data struct{ TinyID string } }
		if err := json.Unmarshal(answer, &shown); err != nil || code != http.StatusOK || shown.Data.TinyID == "" {
			t.Fatalf("%d %s", code, answer)
		}
		for source, want := range map[string]int{"other": http.StatusOK, "genie": http.StatusNotFound} {
			if code, answer := w.call(http.MethodGet, "/ingest/"+source+"/v2/alerts/"+shown.Data.TinyID+"?identifierType=tiny", source, nil); code != want {
				t.Errorf("%s: %d %s", source, code, answer)
			}
		}
	}, replaced("\nsources:", "\nsources:\n  genie: {type: opsgenie, token: genie, customer: acme}\n  other: {type: opsgenie, token: other, customer: acme}"))
}
