package daemon

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging/gateway/gatewaytest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// readyGateway is the reference example with an unchanged file of
// docs/gateways instead of its sms section.
func readyGateway(t *testing.T, name string) func([]byte) []byte {
	t.Helper()
	sms, err := os.ReadFile(filepath.Join("../../docs/gateways", name))
	if err != nil {
		t.Fatal(err)
	}
	return func(text []byte) []byte {
		start, end := bytes.Index(text, []byte("\nsms:\n")), bytes.Index(text, []byte("\npush:\n"))
		return readySecrets(slices.Concat(text[:start+1], sms, text[end:]))
	}
}

// readySecrets writes the stand-ins' secrets instead of the names of their
// files.
func readySecrets(text []byte) []byte {
	keys, account := gatewaytest.NewOVH(gatewaytest.Options{}), gatewaytest.NewVonage(gatewaytest.Options{})
	for file, value := range map[string]string{
		"application_key_file: secrets/ovh.application-key":       "application_key: " + keys.ApplicationKey,
		"application_secret_file: secrets/ovh.application-secret": "application_secret: " + keys.ApplicationSecret,
		"consumer_key_file: secrets/ovh.consumer-key":             "consumer_key: " + keys.ConsumerKey,
		"api_key_file: secrets/vonage.api-key":                    "api_key: " + account.APIKey,
		"api_secret_file: secrets/vonage.api-secret":              "api_secret: " + account.APISecret,
		"webhook_file: secrets/ovh.webhook":                       "webhook: webhook-hush",
		"webhook_file: secrets/vonage.webhook":                    "webhook: webhook-hush",
	} {
		text = bytes.ReplaceAll(text, []byte(file), []byte(value))
	}
	return text
}

// readyWithFallback puts the second file's sms section under the first one's,
// as sms.fallback.
func readyWithFallback(t *testing.T, first, second string) func([]byte) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../docs/gateways", second))
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(data), "\nsms:\n")
	if !ok {
		t.Fatalf("%s has no sms section", second)
	}
	below := "\n  fallback:\n" + strings.ReplaceAll("\n"+section, "\n  ", "\n    ")
	return func(text []byte) []byte {
		out := readyGateway(t, first)(text)
		end := bytes.Index(out, []byte("\npush:\n"))
		return readySecrets(slices.Concat(out[:end], []byte(below), out[end:]))
	}
}

// byHost gives each provider the calls that are meant for it.
type byHost map[string]http.Handler

func (b byHost) RoundTrip(r *http.Request) (*http.Response, error) {
	h := b[r.URL.Host]
	if h == nil {
		h = http.NotFoundHandler()
	}
	return phonetest.Transport(h).RoundTrip(r)
}

// inGatewayTown is inTown with both gateways instead of Twilio.
func inGatewayTown(t *testing.T, change func([]byte) []byte, f func(t *testing.T, w *town, o *gatewaytest.OVH, v *gatewaytest.Vonage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(storetest.Began().Add(-time.Hour)))
		w := &town{t: t, store: storetest.New(), start: time.Now()}
		w.client = &http.Client{Transport: w.door()}
		w.world = phonetest.New(phonetest.Options{})
		defer w.world.Close()
		options := func(provider string) gatewaytest.Options {
			base := publicURL + "/sms/" + provider
			return gatewaytest.Options{ReceiptURL: base + "/receipt?token=webhook-hush", ReplyURL: base + "/reply?token=webhook-hush", Client: w.client}
		}
		o, v := gatewaytest.NewOVH(options("ovh")), gatewaytest.NewVonage(options("vonage"))
		d, err := New(context.Background(), Options{
			Config: exampleConfig(t, w.world, change), Log: zaptest.NewLogger(t), Store: keptOpen{w.store},
			Transport: byHost{gatewaytest.OVHHost: o, gatewaytest.VonageHost: v},
		})
		if err != nil {
			t.Fatal(err)
		}
		w.daemon.Store(d)
		defer func() {
			if err := d.Stop(context.Background()); err != nil {
				t.Errorf("stop: %v", err)
			}
		}()
		f(t, w, o, v)
	})
}

func answered(t *testing.T, want int) func(gatewaytest.Answer, error) {
	return func(a gatewaytest.Answer, err error) {
		t.Helper()
		if err != nil || a.Status != want {
			t.Fatalf("the daemon answered %+v, %v, want %d", a, err, want)
		}
	}
}

const alicesPhone = "+33612345601"

// TestPagedByOVH: the page, the receipt, the answer, and the reply to that as
// one more SMS.
func TestPagedByOVH(t *testing.T) {
	inGatewayTown(t, readyGateway(t, "ovh.yml"), func(t *testing.T, w *town, o *gatewaytest.OVH, _ *gatewaytest.Vonage) {
		number := w.alert("firing", "srv-db-01")
		w.at(time.Second)
		texts := o.To(alicesPhone)
		if len(texts) != 1 || !strings.Contains(texts[0].Text, "CRITIQUE Acme/Givrand srv-db-01 HostDown") ||
			!strings.Contains(texts[0].Text, "REPONDRE 11 OK") || strings.Contains(texts[0].Text, "://") {
			t.Fatalf("alice got %+v", texts)
		}
		if p := smsPage(w.ticket(number)); p.State != "sent" || p.ProviderID != "ovh/"+texts[0].ID {
			t.Errorf("page %+v", p)
		}
		answered(t, 200)(o.Receipt(t.Context(), texts[0].ID, 3, 4))
		answered(t, 200)(o.Receipt(t.Context(), texts[0].ID, 4, 1))
		answered(t, 200)(o.Receipt(t.Context(), texts[0].ID, 3, 4))
		answered(t, 200)(o.Receipt(t.Context(), "1", 4, 1))
		if p := smsPage(w.ticket(number)); p.State != "delivered" {
			t.Errorf("page %+v", p)
		}

		w.at(time.Minute)
		for range 2 {
			answered(t, 200)(o.Reply(t.Context(), "987", alicesPhone, "11 OK"))
		}
		if s := w.expectState(number, "acknowledged"); s.AcknowledgedBy != "alice" {
			t.Errorf("%+v", s)
		}
		texts = o.To(alicesPhone)
		if len(texts) != 2 || !strings.HasPrefix(texts[1].Text, "11 PRIS 03:13.") {
			t.Errorf("alice got %+v", texts)
		}
		w.at(20 * time.Minute)
		if len(o.To(alicesPhone)) != 2 || len(o.To("+33612345699")) != 0 {
			t.Errorf("paged on: %+v", o.Sent())
		}
	})
}

// TestOVHUnreachable: a failed receipt is on the ticket, and the next person is
// paged at once.
func TestOVHUnreachable(t *testing.T) {
	inGatewayTown(t, readyGateway(t, "ovh.yml"), func(t *testing.T, w *town, o *gatewaytest.OVH, _ *gatewaytest.Vonage) {
		number := w.alert("firing", "srv-db-01")
		w.at(time.Second)
		answered(t, 200)(o.Receipt(t.Context(), o.To(alicesPhone)[0].ID, 23, 2))
		w.at(2 * time.Second)
		if p := smsPage(w.ticket(number)); p.State != "undelivered" || p.Error != `"ptt 23: Failed"` {
			t.Errorf("page %+v", p)
		}
		if len(o.To("+33612345699")) != 1 {
			t.Errorf("the manager was not paged: %+v", o.Sent())
		}
	})
}

// TestPagedByVonage: the same, and a store that is away when the answer comes.
func TestPagedByVonage(t *testing.T) {
	inGatewayTown(t, readyGateway(t, "vonage.yml"), func(t *testing.T, w *town, _ *gatewaytest.OVH, v *gatewaytest.Vonage) {
		v.Throttle(1)
		number := w.alert("firing", "srv-db-01")
		w.at(3 * time.Second)
		texts := v.To(alicesPhone)
		if len(texts) != 1 || !strings.Contains(texts[0].Text, publicURL+"/a/") || v.Calls() != 2 {
			t.Fatalf("alice got %+v of %d calls", texts, v.Calls())
		}
		answered(t, 200)(v.Receipt(t.Context(), texts[0].ID, "delivered", 0))
		if p := smsPage(w.ticket(number)); p.State != "delivered" || p.ProviderID != "vonage/"+texts[0].ID {
			t.Errorf("page %+v", p)
		}
		answered(t, 200)(v.Reply(t.Context(), "0B01", alicesPhone, "11 ok"))
		w.expectState(number, "acknowledged")
		if texts := v.To(alicesPhone); len(texts) != 2 || !strings.HasPrefix(texts[1].Text, "11 PRIS") {
			t.Errorf("alice got %+v", texts)
		}
	})
}

// TestOVHDownVonageTakesOver: one configuration has both ready files, the
// second as fallback. The answer comes back by the provider that carried the
// page.
func TestOVHDownVonageTakesOver(t *testing.T) {
	inGatewayTown(t, readyWithFallback(t, "ovh.yml", "vonage.yml"), func(t *testing.T, w *town, o *gatewaytest.OVH, v *gatewaytest.Vonage) {
		o.Down(http.StatusServiceUnavailable)
		number := w.alert("firing", "srv-db-01")
		w.at(5 * time.Second)
		texts := v.To(alicesPhone)
		if len(texts) != 1 || !strings.Contains(texts[0].Text, "REPONDRE 11 OK") || o.Calls() == 0 {
			t.Fatalf("alice got %+v, after %d calls of the first", texts, o.Calls())
		}
		answered(t, 200)(v.Receipt(t.Context(), texts[0].ID, "delivered", 0))
		if p := smsPage(w.ticket(number)); p.State != "delivered" || p.ProviderID != "vonage/"+texts[0].ID {
			t.Errorf("page %+v", p)
		}
		answered(t, 200)(v.Reply(t.Context(), "0B01", alicesPhone, "11 OK"))
		w.expectState(number, "acknowledged")
		if texts := v.To(alicesPhone); len(texts) != 2 || !strings.HasPrefix(texts[1].Text, "11 PRIS") {
			t.Errorf("alice got %+v", texts)
		}
	})
}

func smsPage(s shown) (page struct {
	Person, Channel, State, Error string
	ProviderID                    string `json:"provider_id"`
	At                            time.Time
},
) {
	for _, p := range s.Pages {
		if p.Channel == "sms" && p.Person == "alice" {
			return p
		}
	}
	return page
}

// TestStrangersAtTheGateway: a request without the token is refused and
// counted. Another gateway's path does not exist.
func TestStrangersAtTheGateway(t *testing.T) {
	inGatewayTown(t, readyGateway(t, "ovh.yml"), func(t *testing.T, w *town, _ *gatewaytest.OVH, _ *gatewaytest.Vonage) {
		for path, want := range map[string]int{
			"/sms/ovh/receipt?id=1&ptt=4":             http.StatusForbidden,
			"/sms/ovh/receipt?id=1&ptt=4&token=wrong": http.StatusForbidden,
			"/sms/vonage/receipt?token=webhook-hush":  http.StatusNotFound,
			"/twilio/sms":                             http.StatusNotFound,
		} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			rec := httptest.NewRecorder()
			w.daemon.Load().Handler().ServeHTTP(rec, r)
			if rec.Code != want {
				t.Errorf("%s is answered %d, want %d", path, rec.Code, want)
			}
		}
		if _, metrics := w.call(http.MethodGet, "/metrics", "", nil); !strings.Contains(string(metrics), `astreinte_webhook_events_total{event="forged"} 2`) {
			t.Errorf("two forged requests were not counted:\n%s", metrics)
		}

		// After a reload to another provider, its paths exist, and the old ones are
		// gone.
		world := phonetest.New(phonetest.Options{})
		defer world.Close()
		if err := w.daemon.Load().Reload(t.Context(), exampleConfig(t, world, readyGateway(t, "vonage.yml"))); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]int{"/sms/ovh/receipt?token=webhook-hush": 404, "/sms/vonage/reply": 403} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, nil)
			rec := httptest.NewRecorder()
			w.daemon.Load().Handler().ServeHTTP(rec, r)
			if rec.Code != want {
				t.Errorf("after the reload %s is answered %d, want %d", path, rec.Code, want)
			}
		}
	})
}

// TestProvidersInOrder: the first one, then the fallback, each with its own
// settings.
func TestProvidersInOrder(t *testing.T) {
	world := phonetest.New(phonetest.Options{})
	defer world.Close()
	c := exampleConfig(t, world, readyGateway(t, "ovh.yml"))
	c.SMS.Fallback = &config.SMSProvider{
		Provider: "twilio", Replies: "none",
		Twilio: config.Twilio{AccountSID: accountSID, AuthToken: config.NewSecret("x"), From: "+33639980000", Rate: 1},
	}
	d := &Daemon{metrics: newMetrics("test"), log: zaptest.NewLogger(t), config: c}
	providers, hooks, err := d.sms(c, nil)
	if err != nil || len(providers) != 2 {
		t.Fatalf("%+v, %v", providers, err)
	}
	first, second := providers[0], providers[1]
	if first.Name != "ovh" || !first.Replies || !first.Receipts || first.Rate != 0 || first.Channel == nil {
		t.Errorf("first %+v", first)
	}
	if second.Name != "twilio" || second.Replies || !second.Receipts || second.Rate != 1 || second.Channel == nil {
		t.Errorf("second %+v", second)
	}
	for path, want := range map[string]int{"/sms/ovh/reply": 403, "/twilio/sms": 403, "/sms/twilio/reply": 404} {
		rec := httptest.NewRecorder()
		hooks.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, nil))
		if rec.Code != want {
			t.Errorf("%s is answered %d, want %d", path, rec.Code, want)
		}
	}
}
