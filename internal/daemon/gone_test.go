package daemon

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/web/events"
	"github.com/astreinte/astreinte/paging"
)

func (w *town) gone(person string) []paging.GoneDevice {
	w.t.Helper()
	code, answer := w.call(http.MethodGet, "/api/v1/people/"+person+"/devices", apiToken, nil)
	var list struct{ Gone []paging.GoneDevice }
	if err := json.Unmarshal(answer, &list); err != nil || code != http.StatusOK {
		w.t.Fatalf("%d %s", code, answer)
	}
	return list.Gone
}

// TestADeviceThatIsGoneIsTold: whoever watches hears of it, the API says which it was,
// be it found by a page or by a test page, until the device is registered anew or
// somebody hides it.
func TestADeviceThatIsGoneIsTold(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		reader, err := w.daemon.Load().events.Subscribe("alice", "")
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		heard := func() bool {
			time.Sleep(2 * time.Second)
			var all string
			for part := reader.Take(nil); len(part) > 0; part = reader.Take(nil) {
				all += string(part)
			}
			return strings.Contains(all, "event: "+events.Health)
		}
		find := map[string]func(){
			"a page":      func() { w.alert("firing", "srv-db-01") },
			"a test page": func() { w.testPage(http.MethodPost, "alice", http.StatusOK) },
		}
		for what, does := range find {
			s, id := w.subscribe(w.alice, "Pixel of "+what)
			heard()
			w.alice.Unsubscribe(s)
			does()
			if !heard() {
				t.Errorf("%s: nobody hears of it", what)
			}
			gone := w.gone("alice")
			if len(gone) != 1 || gone[0].ID != id || gone[0].Name != "Pixel of "+what || gone[0].Service != "phones.test" || gone[0].At.IsZero() {
				t.Errorf("%s: %+v", what, gone)
			}
			if len(w.devices("alice")) != 0 {
				t.Errorf("%s: it is there still", what)
			}
			if code, answer := w.call(http.MethodDelete, "/api/v1/people/alice/devices/"+id, apiToken, nil); code != http.StatusNoContent {
				t.Errorf("hide it: %d %s", code, answer)
			}
			if code, _ := w.call(http.MethodDelete, "/api/v1/people/alice/devices/"+id, apiToken, nil); code != http.StatusNotFound || len(w.gone("alice")) != 0 {
				t.Errorf("hidden twice: %d, %+v", code, w.gone("alice"))
			}
		}
	}, toBrowsers)
}
