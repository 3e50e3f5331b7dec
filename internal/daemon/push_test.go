package daemon

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// toBrowsers allows the world's push service.
func toBrowsers(text []byte) []byte {
	return replaced("push:\n", "push:\n  allow: [\"https://phones.test\"]\n")(text)
}

// pushKey is the key with which browsers subscribe.
func (w *town) pushKey() string {
	w.t.Helper()
	code, answer := w.call(http.MethodGet, "/api/v1/push", apiToken, nil)
	var key struct{ Key string }
	if err := json.Unmarshal(answer, &key); err != nil || code != http.StatusOK || len(key.Key) != 87 {
		w.t.Fatalf("%d %s", code, answer)
	}
	return key.Key
}

// subscribe has a phone's browser subscribe, and its person add the device.
func (w *town) subscribe(p *phonetest.Phone, name string) (s phonetest.Subscription, id string) {
	w.t.Helper()
	s = p.Subscribe(w.pushKey())
	code, answer := w.call(http.MethodPost, "/api/v1/people/"+p.Name()+"/devices", apiToken,
		map[string]any{"platform": "web", "subscription": s, "name": name})
	var put struct{ ID string }
	if err := json.Unmarshal(answer, &put); err != nil || code != http.StatusCreated {
		w.t.Fatalf("%d %s", code, answer)
	}
	return s, put.ID
}

type shownDevice struct {
	ID, Name, Platform, Token, Service string
	ShownAt                            time.Time `json:"shown_at"`
	Unproven                           bool
}

func (w *town) devices(person string) []shownDevice {
	w.t.Helper()
	code, answer := w.call(http.MethodGet, "/api/v1/people/"+person+"/devices", apiToken, nil)
	var list struct{ Devices []shownDevice }
	if err := json.Unmarshal(answer, &list); err != nil || code != http.StatusOK {
		w.t.Fatalf("%d %s", code, answer)
	}
	return list.Devices
}

// pushOf is the last page by push of a ticket, as the API shows it.
func (w *town) pushOf(number string) (p ticket.Page) {
	w.t.Helper()
	view, err := w.store.View(context.Background(), number)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range view.Pages {
		if view.Pages[i].Channel == paging.WayPush {
			p = view.Pages[i]
		}
	}
	return p
}

// A page reaches a browser. What the phone reports is the page's receipt and
// the phone's proof.
func TestAPushToABrowserIsShown(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.subscribe(w.alice, "  Pixel\n d'Alice ")
		if list := w.devices("alice"); len(list) != 1 || !list[0].Unproven || list[0].Name != "Pixel d'Alice" || list[0].Service != "phones.test" || list[0].Token != "" {
			t.Errorf("%+v", list)
		}
		number := w.alert("firing", "srv-db-01")
		w.at(1500 * time.Millisecond)
		if p := w.pushOf(number); p.State != ticket.PageSent || p.Provider != "webpush-other" || p.ProviderID == "" {
			t.Errorf("before the phone has it: %+v", p)
		}
		w.at(4 * time.Second)
		push := w.alice.ExpectPush(t, "CRITIQUE", "srv-db-01 HostDown")
		if push.Data["ticket"] != number || !strings.HasPrefix(push.Data["shown"], publicURL+"/push/shown/") || push.Data["acknowledge"] != push.Link() || push.TTL < 15*time.Minute {
			t.Errorf("%+v", push)
		}
		if p := w.pushOf(number); p.State != ticket.PageDelivered || p.ReceiptAt.IsZero() {
			t.Errorf("once it was shown: %+v", p)
		}
		_, answer := w.call(http.MethodGet, "/api/v1/tickets/"+number, apiToken, nil)
		if !strings.Contains(string(answer), `"channel":"push","kind":"page","episode":1,"step":0,"round":0`) || !strings.Contains(string(answer), "push → alice: delivered") {
			t.Errorf("%s", answer)
		}
		if list := w.devices("alice"); list[0].Unproven || list[0].ShownAt.IsZero() {
			t.Errorf("%+v", list)
		}
	}, toBrowsers)
}

// A month without a push leaves a phone unproven; a test page proves it again, but not
// one that says nothing.
func TestATestPageProvesAPhone(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		unproven := func(what string, want bool) {
			t.Helper()
			if list := w.devices("alice"); len(list) != 1 || list[0].Unproven != want {
				t.Errorf("%s: %+v", what, list)
			}
		}
		shown := func(id string, days int) {
			t.Helper()
			if err := w.store.DeviceShown(t.Context(), "alice", id, time.Now().Add(-time.Duration(days)*24*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		_, id := w.subscribe(w.alice, "Pixel")
		shown(id, 31)
		unproven("31 days after a push", true)
		shown(id, 29)
		unproven("29 days after one", false)
		w.call(http.MethodDelete, "/api/v1/people/alice/devices/"+id, apiToken, nil)
		s, other := w.subscribe(w.alice, "Pixel")
		shown(other, 31)
		w.alice.Silence(s)
		w.testPage(http.MethodPost, "alice", http.StatusOK)
		w.at(4 * time.Second)
		unproven("after a push that nobody says was shown", true)
		w.call(http.MethodDelete, "/api/v1/people/alice/devices/"+other, apiToken, nil)
		_, id = w.subscribe(w.alice, "Pixel")
		shown(id, 31)
		w.at(time.Minute)
		sent, _ := w.testPage(http.MethodPost, "alice", http.StatusOK)
		if got := sent.states(); got != "sms sent false;push sent false;" || !sent.Pages[1].Receipts {
			t.Errorf("at once: %s", got)
		}
		w.at(time.Minute + 4*time.Second)
		if last, _ := w.testPage(http.MethodGet, "alice", http.StatusOK); last.states() != "sms delivered true;push delivered true;" {
			t.Errorf("after the receipts: %s", last.states())
		}
		w.alice.ExpectPush(t, "TEST Astreinte")
		unproven("after a test page", false)
	}, toBrowsers)
}

// A test page to one device reaches that one alone.
func TestATestPageToOneDevice(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		_, one := w.subscribe(w.alice, "Pixel")
		w.at(time.Second)
		w.subscribe(w.alice, "Tablet")
		code, answer := w.call(http.MethodPost, "/api/v1/people/alice/test", apiToken, map[string]string{"device": one})
		if code != http.StatusOK || strings.Count(string(answer), `"channel"`) != 1 || !strings.Contains(string(answer), one) {
			t.Errorf("%d %s", code, answer)
		}
		w.at(5 * time.Second)
		if list := w.devices("alice"); list[0].ID != one || list[0].Unproven || !list[1].Unproven {
			t.Errorf("%+v", list)
		}
		for _, bad := range []string{"web-none", "alice", "+33612345601"} {
			if code, answer := w.call(http.MethodPost, "/api/v1/people/alice/test", apiToken, map[string]string{"device": bad}); code != http.StatusConflict {
				t.Errorf("%s: %d %s", bad, code, answer)
			}
		}
	}, toBrowsers)
}

// A phone whose subscription is gone is forgotten. The page goes to the
// others, by whatever carries them.
func TestABrowserThatIsGoneIsForgotten(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		gone, _ := w.subscribe(w.alice, "old")
		_, kept := w.subscribe(w.alice, "new")
		w.alice.Register("token-1")
		if code, answer := w.call(http.MethodPost, "/api/v1/people/alice/devices", apiToken, map[string]string{"token": "token-1", "platform": "android"}); code != http.StatusCreated {
			t.Fatalf("%d %s", code, answer)
		}
		w.alice.Unsubscribe(gone)
		number := w.alert("firing", "srv-db-01")
		w.at(5 * time.Second)
		if n := len(w.alice.Messages()); n != 3 { // two pushes and an SMS
			t.Errorf("%d messages: %v", n, w.alice.Messages())
		}
		list := w.devices("alice")
		if len(list) != 2 || (list[0].ID != kept && list[1].ID != kept) || list[0].Token == list[1].Token {
			t.Errorf("%+v", list)
		}
		if p := w.pushOf(number); p.State != ticket.PageDelivered || p.Provider != "webpush-other" {
			t.Errorf("%+v", p)
		}
		view, err := w.store.View(context.Background(), number)
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for i := range view.Timeline {
			told += view.Timeline[i].Args.Devices
		}
		if told != 1 {
			t.Errorf("the timeline tells of %d devices", told)
		}
	}, toBrowsers)
}

// If a push service refuses our keys, the administrator is told. The phone is
// kept, and whoever is paged hears by SMS.
func TestRefusedKeysAreToldToTheAdministrator(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		s, _ := w.subscribe(w.alice, "Pixel")
		w.world.SetFault(phonetest.Fault{Kind: phonetest.Push, To: s.Endpoint, Status: http.StatusForbidden, Body: `{"reason":"BadJwtToken"}`})
		number := w.alert("firing", "srv-db-01")
		w.at(2 * time.Second)
		if p := w.pushOf(number); p.State != ticket.PageFailed || !strings.Contains(p.Error, "BadJwtToken") {
			t.Errorf("%+v", p)
		}
		if len(w.devices("alice")) != 1 {
			t.Error("the phone is forgotten")
		}
		w.alice.ExpectSMS(t, "HostDown")
		warned := func() bool {
			_, answer := w.call(http.MethodGet, "/readyz", apiToken, nil)
			_, metrics := w.call(http.MethodGet, "/metrics", apiToken, nil)
			said, counted := strings.Contains(string(answer), "the push service of other refuses our keys"), strings.Contains(string(metrics), `astreinte_push_refused{service="other"} 1`)
			if said != counted {
				t.Errorf("/readyz: %t, /metrics: %t", said, counted)
			}
			return said
		}
		if !warned() {
			t.Error("nobody is told")
		}
		w.world.ClearFaults()
		w.at(3*time.Minute + 5*time.Second)
		if warned() {
			t.Error("it is told after a push was taken")
		}
	}, toBrowsers)
}

// The keys are the same after a restart, and on a second daemon of the store.
func TestTheKeysStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(storetest.Began()))
		w := &town{t: t, store: storetest.New(), start: time.Now()}
		w.world = phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken, PublicURL: publicURL})
		defer w.world.Close()
		w.client = &http.Client{Transport: w.door()}
		keys := map[string]bool{}
		var stops []func()
		for range 3 {
			stops = append(stops, w.run(exampleConfig(t, w.world)))
			synctest.Wait()
			keys[w.pushKey()] = true
		}
		if len(keys) != 1 {
			t.Errorf("%d keys", len(keys))
		}
		for _, stop := range stops {
			stop()
		}
	})
}

func TestPushToBrowsersTurnedOff(t *testing.T) {
	off := replaced("push:\n", "push:\n  web: false\n")
	inTown(t, func(t *testing.T, w *town) {
		if code, answer := w.call(http.MethodGet, "/api/v1/push", apiToken, nil); code != http.StatusNotImplemented {
			t.Errorf("%d %s", code, answer)
		}
		s := w.alice.Subscribe("")
		code, answer := w.call(http.MethodPost, "/api/v1/people/alice/devices", apiToken, map[string]any{"platform": "web", "subscription": s})
		if code != http.StatusNotImplemented {
			t.Errorf("%d %s", code, answer)
		}
	}, off)
}

// A report counts only for a push that the phone got from us, however often it
// comes. A second report changes nothing.
func TestShownIsNotForged(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		s, _ := w.subscribe(w.alice, "Pixel")
		w.alice.Silence(s)
		number := w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		push := w.alice.ExpectPush(t, "HostDown")
		path := strings.TrimPrefix(push.Data["shown"], publicURL)
		another := map[bool]string{true: "C", false: "B"}[path[20] == 'B']
		for _, forged := range []string{path[:len(path)-1], path + "A", "/push/shown/" + strings.Repeat("A", 100), "/push/shown/" + strings.Repeat("A", 60_000), path[:20] + another + path[21:]} {
			if code, answer := w.call(http.MethodPost, forged, "", nil); code != http.StatusNotFound {
				t.Errorf("%.40s…: %d %s", forged, code, answer)
			}
		}
		if p := w.pushOf(number); p.State != ticket.PageSent {
			t.Errorf("%+v", p)
		}
		if code, _ := w.call(http.MethodGet, path, "", nil); code != http.StatusMethodNotAllowed {
			t.Errorf("GET: %d", code)
		}
		for range 3 {
			if code, answer := w.call(http.MethodPost, path, "", nil); code != http.StatusNoContent {
				t.Errorf("%d %s", code, answer)
			}
		}
		view, err := w.store.View(context.Background(), number)
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for i := range view.Timeline {
			if view.Timeline[i].Detail == ticket.SaidDelivered && view.Timeline[i].Args.Channel == paging.WayPush {
				told++
			}
		}
		if p := w.pushOf(number); p.State != ticket.PageDelivered || told != 1 {
			t.Errorf("%+v, told %d times", p, told)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, publicURL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		res, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("from another site: %d", res.StatusCode)
		}
	}, toBrowsers)
}

// Whoever may add a device cannot have the daemon call somebody inside the
// network, or anybody else who is no push service.
func TestSubscriptionsAtTheDoor(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		good := w.alice.Subscribe(w.pushKey())
		with := func(change func(s *phonetest.Subscription)) phonetest.Subscription {
			s := good
			change(&s)
			return s
		}
		at := func(endpoint string) phonetest.Subscription {
			return with(func(s *phonetest.Subscription) { s.Endpoint = endpoint })
		}
		off := []byte(good.Keys.P256dh)
		off[80] ^= 3
		for name, ask := range map[string]any{
			"this machine":            at("https://127.0.0.1/x"),
			"this machine, IPv6":      at("https://[::1]/x"),
			"a cloud's metadata":      at("http://169.254.169.254/latest/meta-data"),
			"a private address":       at("https://10.0.0.1/x"),
			"a port":                  at("https://fcm.googleapis.com:8443/x"),
			"a user":                  at("https://fcm.googleapis.com@127.0.0.1/x"),
			"a name that looks alike": at("https://fcm.googleapis.com.evil.example/x"),
			"10 kB":                   at("https://fcm.googleapis.com/" + strings.Repeat("x", 10<<10)),
			"plain http":              at("http://phones.test/push/1"),
			"no endpoint":             at(""),
			"off the curve":           with(func(s *phonetest.Subscription) { s.Keys.P256dh = string(off) }),
			"no key":                  with(func(s *phonetest.Subscription) { s.Keys.P256dh = "" }),
			"a short secret":          with(func(s *phonetest.Subscription) { s.Keys.Auth = "AAAA" }),
			"a field too many":        map[string]any{"endpoint": good.Endpoint, "keys": good.Keys, "url": "x"},
			"no object":               "https://fcm.googleapis.com/x",
		} {
			code, answer := w.call(http.MethodPost, "/api/v1/people/alice/devices", apiToken, map[string]any{"platform": "web", "subscription": ask})
			if code != http.StatusBadRequest || len(answer) > 600 {
				t.Errorf("%s: %d %s", name, code, answer)
			}
		}
		for name, ask := range map[string]any{
			"a token beside it": map[string]any{"platform": "web", "subscription": good, "token": "t"},
			"another platform":  map[string]any{"platform": "android", "subscription": good},
			"neither":           map[string]any{"platform": "web", "name": "x"},
		} {
			if code, answer := w.call(http.MethodPost, "/api/v1/people/alice/devices", apiToken, ask); code != http.StatusBadRequest {
				t.Errorf("%s: %d %s", name, code, answer)
			}
		}
		if list := w.devices("alice"); len(list) != 0 {
			t.Errorf("%+v", list)
		}
		for range 2 { // as an app does at each start
			w.subscribe(w.alice, strings.Repeat("é", 200))
		}
		code, answer := w.call(http.MethodPost, "/api/v1/people/alice/devices", apiToken, map[string]any{"platform": "web", "subscription": good})
		again, answer2 := w.call(http.MethodPost, "/api/v1/people/alice/devices", apiToken, map[string]any{"platform": "web", "subscription": good})
		if code != http.StatusCreated || again != code || string(answer) != string(answer2) {
			t.Errorf("%d %s, %d %s", code, answer, again, answer2)
		}
		for _, d := range w.devices("alice") {
			if len(d.Name) > ticket.MaxDeviceName {
				t.Errorf("a name of %d bytes", len(d.Name))
			}
		}
		if n := len(w.world.Attempts()); n != 0 {
			t.Errorf("somebody was asked %d times", n)
		}
	}, toBrowsers)
}
