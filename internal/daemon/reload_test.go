package daemon

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/paging/gateway/gatewaytest"
)

// reload puts the example with changes in force instead of the present
// configuration.
func (w *town) reload(change ...func([]byte) []byte) {
	w.t.Helper()
	c := exampleConfig(w.t, w.world, change...)
	c.Spool = w.spool
	if err := w.daemon.Load().Reload(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
}

// If a reload removes a token, the token opens nothing any more, and its
// successor does: of the API, of a source, of a gateway's webhooks.
func TestAReloadTakesTokensAway(t *testing.T) {
	ovh := readyGateway(t, "ovh.yml")
	inGatewayTown(t, ovh, func(t *testing.T, w *town, _ *gatewaytest.OVH, _ *gatewaytest.Vonage) {
		open := func(what, secret string) bool {
			code := 0
			switch what {
			case "api":
				code, _ = w.call(http.MethodGet, "/api/v1/tickets", secret, nil)
			case "source":
				code, _ = w.call(http.MethodPost, "/ingest/prometheus", secret, json.RawMessage(`{"version":"4","alerts":[]}`))
			case "webhook":
				code, _ = w.call(http.MethodGet, "/sms/ovh/receipt?id=1&ptt=4&token="+secret, "", nil)
			}
			return code != http.StatusUnauthorized && code != http.StatusForbidden
		}
		was := map[string]string{"api": apiToken, "source": postToken, "webhook": "webhook-hush"}
		for what, secret := range was {
			if !open(what, secret) || open(what, "another-one") {
				t.Fatalf("%s: before the reload", what)
			}
		}
		w.reload(ovh, replaced("token_file: secrets/api.token", "token: another-one"),
			replaced("token_file: secrets/prometheus.token", "token: another-one"), replaced("webhook: webhook-hush", "webhook: another-one"))
		for what, secret := range was {
			if open(what, secret) {
				t.Errorf("%s: the token that is gone is taken", what)
			}
			if !open(what, "another-one") {
				t.Errorf("%s: the one that is in force is not", what)
			}
		}
	})
}

// After a reload to another provider, everything uses that: new pages, pages
// that waited for the old one, and test pages.
func TestAReloadTakesAProviderAway(t *testing.T) {
	inGatewayTown(t, readyGateway(t, "ovh.yml"), func(t *testing.T, w *town, o *gatewaytest.OVH, v *gatewaytest.Vonage) {
		o.Down(http.StatusServiceUnavailable)
		w.alert("firing", "srv-db-01")
		w.at(500 * time.Millisecond)
		asked := o.Calls()
		if asked == 0 {
			t.Fatal("the first provider was not asked")
		}
		o.Down(0)
		w.reload(readyGateway(t, "vonage.yml"))
		w.alert("firing", "srv-web-01", "alertname", "DiskFull")
		w.at(5 * time.Second)
		if shown, _ := w.testPage(http.MethodPost, "alice", http.StatusOK); shown.Pages[0].Provider != "vonage" {
			t.Errorf("a test page went by %s", shown.Pages[0].Provider)
		}
		if now := o.Calls(); now != asked {
			t.Errorf("the provider that is gone was asked %d times", now-asked)
		}
		got := ""
		for _, sms := range v.To(alicesPhone) {
			got += sms.Text
		}
		for _, name := range []string{"srv-db-01", "srv-web-01", "TEST"} {
			if !strings.Contains(got, name) {
				t.Errorf("%s did not go by the provider in force, which has %q", name, got)
			}
		}
	})
}

// Pages from the spool follow a reload, whether they began before or after it.
func TestAReloadWhileTheStoreIsAway(t *testing.T) {
	for name, row := range map[string]struct {
		at    time.Duration
		first int // SMS that alice has had by then
	}{"before it pages": {10 * time.Second, 0}, "while it pages": {time.Minute, 1}} {
		t.Run(name, func(t *testing.T) {
			withSpool(t, func(t *testing.T, w *town) {
				second := w.world.Phone("alice2", "+33612345681")
				w.storeGoes()
				w.alert("firing", "srv-db-01")
				w.at(row.at)
				w.expectCount(w.alice, row.first)
				w.reload(replaced(alicesPhone, second.Number()), replaced("public_url: "+publicURL, "public_url: "+publicURL+"/pager"))
				w.at(5 * time.Minute)
				w.expectCount(w.alice, row.first)
				if sms := second.ExpectSMS(t, "srv-db-01"); !strings.HasPrefix(sms.Link(), publicURL+"/pager/") {
					t.Errorf("its link is %s", sms.Link())
				}
				w.storeComesBack()
				w.at(6 * time.Minute)
			})
		})
	}
}
