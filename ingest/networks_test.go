package ingest

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// TestNetworks: a source with networks is heard from them alone, wherever a
// proxy stands, and what comes from elsewhere is nobody's refusal.
func TestNetworks(t *testing.T) {
	from := "192.0.2.7"
	h := newHandler(&taker{}, func(o *Options) {
		o.Client = func(*http.Request) string { return from }
		o.Sources[0].Networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	})
	for address, want := range map[string]int{
		"10.1.2.3": 202, "::ffff:10.1.2.3": 202, "2001:db8::1": 202,
		"192.0.2.7": 403, "": 403, "no address": 403, "11.0.0.1": 403,
	} {
		from = address
		w := post(t, h, "/ingest/prometheus", `{"status":"firing","alerts":[{"labels":{"a":"b"}}]}`)
		if w.Code != want {
			t.Errorf("from %q: %d %s", address, w.Code, w.Body)
		}
	}
	if word := h.Words()[0]; !word.RefusedAt.IsZero() {
		t.Errorf("a stranger's request counts as the source's: %+v", word)
	}
}

// TestThePeerIsTheClient: without a proxy the connection says who it is.
func TestThePeerIsTheClient(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(""))
	for at, want := range map[string]string{"10.0.0.1:99": "10.0.0.1", "[::ffff:10.0.0.1]:99": "10.0.0.1", "@": "@"} {
		if r.RemoteAddr = at; peer(r) != want {
			t.Errorf("%q is %q", at, peer(r))
		}
	}
}

// TestSourceLabels: they are added to what a sender says, whose own labels
// win, and change no fingerprint.
func TestSourceLabels(t *testing.T) {
	body := `{"status":"firing","alerts":[{"labels":{"a":"b","site":"Nantes"}},{"labels":{"a":"c"}},{"fingerprint":"f"}]}`
	with, without := &taker{}, &taker{}
	post(t, newHandler(without), "/ingest/prometheus", body)
	post(t, newHandler(with, func(o *Options) { o.Sources[0].Labels = map[string]string{"site": "Givrand"} }), "/ingest/prometheus", body)
	for i, site := range []string{"Nantes", "Givrand", "Givrand"} {
		a, was := with.batches[0].Alerts[i], without.batches[0].Alerts[i]
		if a.Labels["site"] != site || a.Fingerprint != was.Fingerprint {
			t.Errorf("%d: %v %s, without %s", i, a.Labels, a.Fingerprint, was.Fingerprint)
		}
	}
}
