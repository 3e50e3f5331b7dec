package daemon

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/paging/gateway/gatewaytest"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// Twilio is down for 10 minutes. Pushes go out at once. When it is back, SMS
// that are still wanted go out, with the state of that time.
func TestTwilioIsDownForTenMinutes(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		if code, answer := w.call(http.MethodPost, "/api/v1/people/alice/devices", apiToken, map[string]string{"token": "alices", "platform": "ios"}); code != http.StatusCreated {
			t.Fatalf("%d %s", code, answer)
		}
		w.alice.Register("alices")
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Status: http.StatusServiceUnavailable})
		still, over, taken := w.alert("firing", "still-there"), w.alert("firing", "over-by-then", "alertname", "Over"), w.alert("firing", "taken-by-then", "alertname", "Taken")
		w.at(time.Second)
		for _, name := range []string{"still-there", "over-by-then", "taken-by-then"} {
			w.alice.ExpectPush(t, name)
		}
		w.at(4 * time.Minute)
		w.alert("resolved", "over-by-then", "alertname", "Over")
		if code, answer := w.call(http.MethodPost, "/api/v1/tickets/"+taken+"/acknowledge", apiToken, map[string]string{"person": "alice"}); code != http.StatusOK {
			t.Fatalf("%d %s", code, answer)
		}
		w.alert("firing", "still-there-2")
		w.at(10 * time.Minute)
		w.expectCount(w.alice, 0)
		w.world.ClearFaults()
		w.at(10*time.Minute + 45*time.Second)
		w.expectCount(w.alice, 2)
		w.alice.ExpectSMS(t, "TERMINE", "over-by-then") // she was paged by push
		if m := w.alice.ExpectSMS(t, "still-there", "+1"); m.Accepted.Sub(w.start) > 10*time.Minute+46*time.Second {
			t.Errorf("it came late: %s", m)
		}
		w.expectState(over, "resolved")
		w.expectState(still, "open")
	}, aliceAlone)
}

// Not every page asks a provider that is down, but every critical page does.
func TestABreakerThatNeverHoldsWhatIsCritical(t *testing.T) {
	inTown(t, func(t *testing.T, w *town) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Status: http.StatusServiceUnavailable})
		w.storm("high", 0, 3)
		w.at(3 * time.Minute)
		if _, metrics := w.call(http.MethodGet, "/metrics", "", nil); !strings.Contains(string(metrics), `astreinte_provider_failing{channel="sms",provider="twilio"} 1`) {
			t.Error("no metric says that the provider fails")
		}
		asked := w.asked()
		w.at(4 * time.Minute)
		if n := w.asked() - asked; n > 8 {
			t.Errorf("asked %d times in a minute, of 3 pages", n)
		}
		w.world.ClearFaults()
		w.alert("firing", "srv-db-01")
		w.at(4*time.Minute + time.Second)
		w.alice.ExpectSMS(t, "CRITIQUE", "srv-db-01")
		w.at(4*time.Minute + 20*time.Second)
		w.expectCount(w.alice, 4)
		if _, metrics := w.call(http.MethodGet, "/metrics", "", nil); !strings.Contains(string(metrics), `astreinte_provider_failing{channel="sms",provider="twilio"} 0`) {
			t.Error("the metric says that the provider still fails")
		}
	}, aliceAlone, replaced("  replies: same", "  bundle_over: 0\n  replies: same"))
}

// asked is how often the SMS provider refused for now, by the metric.
func (w *town) asked() (n int) {
	w.t.Helper()
	_, metrics := w.call(http.MethodGet, "/metrics", "", nil)
	for line := range strings.Lines(string(metrics)) {
		if after, ok := strings.CutPrefix(line, `astreinte_provider_errors_total{channel="sms",class="transient",code="http_503"} `); ok {
			for _, c := range strings.TrimSpace(after) {
				n = n*10 + int(c-'0')
			}
		}
	}
	return n
}

// withFallback puts OVHcloud's gateway behind Twilio.
func withFallback(t *testing.T) func([]byte) []byte {
	t.Helper()
	return func(text []byte) []byte {
		gateway := string(readyGateway(t, "ovh.yml")([]byte("\nsms:\n  x\n\npush:\n")))
		_, section, _ := strings.Cut(gateway, "\nsms:\n")
		section, _, _ = strings.Cut(section, "\npush:\n")
		section = strings.ReplaceAll(strings.TrimRight(section, "\n"), "\n", "\n  ")
		return replaced("  replies: same                               #", "  fallback:\n  "+section+"\n  replies: same #")(text)
	}
}

// inTownWithFallback is inTown with a second provider.
func inTownWithFallback(t *testing.T, f func(t *testing.T, w *town, o *gatewaytest.OVH)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(storetest.Began().Add(-time.Hour)))
		w := &town{t: t, store: storetest.New(), start: time.Now()}
		w.client = &http.Client{Transport: w.door()}
		w.world = phonetest.New(phonetest.Options{AccountSID: accountSID, AuthToken: authToken, PublicURL: publicURL, Client: w.client})
		defer w.world.Close()
		w.alice = w.world.Phone("alice", alicesPhone)
		base := publicURL + "/sms/ovh"
		o := gatewaytest.NewOVH(gatewaytest.Options{ReceiptURL: base + "/receipt?token=webhook-hush", ReplyURL: base + "/reply?token=webhook-hush", Client: w.client})
		d, err := New(context.Background(), Options{
			Config: exampleConfig(t, w.world, aliceAlone, withFallback(t)), Log: zaptest.NewLogger(t), Store: keptOpen{w.store},
			Transport: twilioOr{w.world.RoundTripper(), byHost{gatewaytest.OVHHost: o}},
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
		f(t, w, o)
	})
}

// twilioOr sends the gateway what is the gateway's.
type twilioOr struct{ twilio, gateway http.RoundTripper }

func (r twilioOr) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == gatewaytest.OVHHost {
		return r.gateway.RoundTrip(req)
	}
	return r.twilio.RoundTrip(req)
}

func TestTheSecondProviderTakesOverAtOnce(t *testing.T) {
	for name, fault := range map[string]phonetest.Fault{
		"down":                     {Kind: phonetest.SMS, Status: http.StatusServiceUnavailable},
		"the account is suspended": {Kind: phonetest.SMS, Code: 20003},
		"the number opted out":     {Kind: phonetest.SMS, Code: 21610},
	} {
		t.Run(name, func(t *testing.T) {
			inTownWithFallback(t, func(t *testing.T, w *town, o *gatewaytest.OVH) {
				w.world.SetFault(fault)
				number := w.alert("firing", "srv-db-01")
				w.at(500 * time.Millisecond)
				if got := o.To(alicesPhone); len(got) != 1 || !strings.Contains(got[0].Text, "srv-db-01") {
					t.Fatalf("the gateway got %v", got)
				}
				if s := w.ticket(number); s.Pages[len(s.Pages)-1].Error != "" {
					t.Errorf("pages: %+v", s.Pages)
				}
			})
		})
	}
}

// If no answer comes, the message is sent again by the other provider.
func TestWhatTheFirstDoesNotAnswerForGoesByTheSecond(t *testing.T) {
	inTownWithFallback(t, func(t *testing.T, w *town, o *gatewaytest.OVH) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Cut: true})
		w.alert("firing", "srv-db-01")
		w.at(10 * time.Second)
		if got := o.To(alicesPhone); len(got) != 1 {
			t.Fatalf("the gateway got %v", got)
		}
	})
}

// After a receipt that says undelivered, the other provider tries.
func TestWhatTheFirstDoesNotDeliverGoesByTheSecond(t *testing.T) {
	inTownWithFallback(t, func(t *testing.T, w *town, o *gatewaytest.OVH) {
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Receipt: "undelivered", ReceiptCode: 30005})
		w.alert("firing", "srv-db-01")
		w.at(15 * time.Second)
		if got := o.To(alicesPhone); len(got) != 1 {
			t.Fatalf("the gateway got %v", got)
		}
	})
}

func TestAProviderWhoseReceiptsStopIsNotAskedFirst(t *testing.T) {
	inTownWithFallback(t, func(t *testing.T, w *town, o *gatewaytest.OVH) {
		w.alert("firing", "srv-db-01")
		w.at(time.Minute) // its receipt came
		w.world.SetFault(phonetest.Fault{Kind: phonetest.SMS, Receipts: phonetest.Withheld})
		w.at(14 * time.Minute)
		if got := o.To(alicesPhone); len(got) == 0 {
			t.Fatalf("the gateway got nothing, and Twilio took %d", len(texts(w.alice)))
		}
		if _, metrics := w.call(http.MethodGet, "/metrics", "", nil); !strings.Contains(string(metrics), `astreinte_provider_receipts_missing_total{channel="sms",provider="twilio"} 1`) {
			t.Error("no metric says that its receipts stopped")
		}
	})
}
