//go:build long

package upstream

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/zabbixtest"
)

// TestZabbixForReal has a real Zabbix take a value now, that is bad and then well,
// and acknowledges a problem there.
func TestZabbixForReal(t *testing.T) {
	var used atomic.Int64
	used.Store(97)
	disk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, used.Load()) }))
	t.Cleanup(disk.Close)
	z := zabbixtest.Start(t)
	w := zabbixtest.Watched{Host: "srv-db-01", HostID: z.Host(t, "srv-db-01")}
	item := z.Create(t, "item.create", map[string]any{
		"hostid": w.HostID, "name": "disk", "key_": "disk", "type": 19, "value_type": 0, "url": disk.URL, "delay": "1d",
	}, "itemids")
	w.TriggerID = z.Create(t, "trigger.create", map[string]any{"description": "Disk is full", "expression": "last(/srv-db-01/disk)>90"}, "triggerids")
	z.Settle(t, &w)
	fires := func() string {
		t.Helper()
		z.Call(t, "task.create", map[string]any{"type": zabbixCheckNow, "request": map[string]string{"itemid": item}}, nil)
		return z.Problem(t, w.TriggerID)
	}
	api := NewZabbix(Options{URL: strings.TrimSuffix(z.URL, "/api_jsonrpc.php"), Token: z.Token(t, "1")})
	problem := &ticket.Alert{Fingerprint: fires()}
	check := ZabbixCheck{API: api}
	if found := check.Ask(t.Context(), problem); found.State != ticket.FoundDown {
		t.Errorf("at 97 it is %+v", found)
	}
	used.Store(12)
	if found := check.Ask(t.Context(), problem); found.State != ticket.FoundBack {
		t.Errorf("at 12 it is %+v", found)
	}

	used.Store(98)
	event := fires()
	if err := api.Update(t.Context(), []string{event}, ZabbixAcknowledge, "I261121_0001 taken"); err != nil {
		t.Fatal(err)
	}
	told, err := api.Problems(t.Context(), []string{event, problem.Fingerprint})
	if err != nil || len(told) != 1 || !told[0].Acknowledged || !slices.Contains(told[0].Messages, "I261121_0001 taken") {
		t.Errorf("%+v, %v", told, err)
	}
}
