package webpush

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/phonetest"
)

func TestWhoIsOutside(t *testing.T) {
	for text, want := range map[string]bool{
		"142.250.1.95": true, "17.188.143.1": true, "2a00:1450:4007::5f": true, "64:ff9b::8efa:15f": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "0.0.0.0": false, "::": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fd00:ec2::254": false, "100.64.0.1": false, "192.0.2.1": false, "198.18.0.1": false,
		"224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a00:1": false, "2002:7f00:1::": false, "2001:db8::1": false, "ff02::1": false, "0.1.2.3": false,
	} {
		if got := isOutside(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is outside: %t", text, got)
		}
	}
}

// nameServer answers every question with an address of its kind, each of v4 and v6
// in turn, and names a resolver that asks it.
func nameServer(t *testing.T, asked *atomic.Int64, v4, v6 []string) *net.Resolver {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		for {
			ask := make([]byte, 512)
			n, from, err := conn.ReadFrom(ask)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(answerDNS(ask[:n], int(asked.Add(1))/2, v4, v6), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// answerDNS is an answer to a question (RFC 1035, 4): an address of the question's
// kind, none if the question is of another.
func answerDNS(ask []byte, turn int, v4, v6 []string) []byte {
	end := 12
	for end < len(ask) && ask[end] != 0 {
		end += int(ask[end]) + 1
	}
	end += 5 // the name's end, its type and class
	kind := ask[end-3]
	out := append([]byte{ask[0], ask[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, ask[12:end]...)
	of := map[byte][]string{1: v4, 28: v6}[kind]
	if len(of) == 0 {
		return out
	}
	out[7] = 1
	raw := netip.MustParseAddr(of[turn%len(of)]).AsSlice()
	out = append(out, 0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 0, 0, byte(len(raw)))
	return append(out, raw...)
}

// A name of a push service that leads into the network is not followed there,
// whatever it led to when it was looked at before.
func TestANameThatLeadsInsideIsRefused(t *testing.T) {
	var asked atomic.Int64
	resolver := nameServer(t, &asked, []string{"127.0.0.1", "10.0.0.1", "169.254.169.254"}, []string{"::1", "fd00:ec2::254"})
	keys, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Subject: subject, PublicURL: public, Keys: func(context.Context) (*Keys, error) { return keys, nil }})
	if err != nil {
		t.Fatal(err)
	}
	s.outside = outside(resolver)
	defer s.Close()
	w := phonetest.New(phonetest.Options{})
	defer w.Close()
	for _, host := range []string{"fcm.googleapis.com", "rebind.push.apple.com", "x.notify.windows.com"} {
		to := w.Phone("alice", "+33612345601").Subscribe(keys.Public())
		to.Endpoint = "https://" + host + "/x"
		r := s.Send(t.Context(), page(to))
		if r.Class != paging.DeadAddress || r.Code != "inside" || r.Unregistered {
			t.Errorf("%s: %+v", host, r)
		}
	}
	if asked.Load() == 0 {
		t.Error("nobody was asked for a name")
	}
}

// Only what the configuration names is connected to here, by the way that is its.
func TestWhatIsAllowedMayBeInside(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Location", "/m/1")
		rw.WriteHeader(http.StatusCreated)
	}))
	defer server.Close()
	ask := func(way http.RoundTripper) error {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, http.NoBody)
		if err != nil {
			return err
		}
		res, err := way.RoundTrip(req)
		if err != nil {
			return err
		}
		return res.Body.Close()
	}
	if err := ask(anywhere()); err != nil {
		t.Error(err)
	}
	if err := ask(outside(nil)); !errors.Is(err, errInside) {
		t.Error(err)
	}
}
