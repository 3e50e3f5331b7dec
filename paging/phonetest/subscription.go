package phonetest

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// webPushPath begins the endpoints of the stand-in push service.
const webPushPath = "/push/"

// Subscription is a browser's PushSubscription, as its toJSON writes it.
type Subscription struct {
	Endpoint       string           `json:"endpoint"`
	ExpirationTime *int             `json:"expirationTime"`
	Keys           SubscriptionKeys `json:"keys"`
}

// SubscriptionKeys are its public key and its secret, in base64url.
type SubscriptionKeys struct {
	P256dh string `json:"p256dh"`
	Auth   string `json:"auth"`
}

// JSON is what a browser sends to its application's server.
func (s Subscription) JSON() json.RawMessage {
	raw, err := json.Marshal(s)
	if err != nil {
		return nil // nothing in it can fail
	}
	return raw
}

// browser is the part of a subscription that the push service and the browser
// know.
type browser struct {
	phone   *Phone
	private *ecdh.PrivateKey
	auth    []byte
	key     string // applicationServerKey; empty: that of whoever pushes first
	gone    bool
	silent  bool // the browser says nothing of pushes that it shows
}

// Subscribe makes the phone's browser subscribe to pushes of the application
// with that key (base64url, as applicationServerKey). An empty key stands for
// that of whoever pushes first.
func (p *Phone) Subscribe(key string) Subscription {
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	b := &browser{phone: p, private: private, auth: make([]byte, 16), key: key}
	_, _ = rand.Read(b.auth) // never fails: crypto/rand
	w := p.world
	endpoint := w.pushURL() + webPushPath + randomHex()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.browsers[endpoint] = b
	w.changed()
	return Subscription{Endpoint: endpoint, Keys: SubscriptionKeys{
		P256dh: base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes()),
		Auth:   base64.RawURLEncoding.EncodeToString(b.auth),
	}}
}

// pushURL is the origin of the push service. If there are no sockets, it is an
// https origin.
func (w *World) pushURL() string {
	if url := w.URL(); url != inProcessURL {
		return url
	}
	return strings.Replace(inProcessURL, "http:", "https:", 1)
}

// PushOrigin is the origin of the World's push service, for push.allow.
func (w *World) PushOrigin() string { return w.pushURL() }

// Unsubscribe ends a subscription. From now on its push service answers 410.
func (p *Phone) Unsubscribe(s Subscription) {
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	if b := p.world.browsers[s.Endpoint]; b != nil {
		b.gone = true
	}
	p.world.changed()
}

// Silence has a browser show pushes and say nothing of it, like one that has
// dropped the application's service worker.
func (p *Phone) Silence(s Subscription) {
	p.world.mu.Lock()
	defer p.world.mu.Unlock()
	if b := p.world.browsers[s.Endpoint]; b != nil {
		b.silent = true
	}
}

// shown has the phone say that it showed a push, as the service worker does.
// The caller holds the lock.
func (w *World) shown(rec *record) {
	url := rec.Data["shown"]
	if rec.browser == nil || rec.browser.silent || url == "" || w.closed {
		return
	}
	w.work.Go(func() {
		if w.wait(w.life, w.opt.Delay) {
			w.postShown(url)
		}
	})
}

func (w *World) postShown(url string) {
	ctx, cancel := context.WithTimeout(w.life, webhookPatience)
	defer cancel()
	back := Callback{URL: url}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.actual(url), http.NoBody)
	if err == nil {
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		var res *http.Response
		if res, err = w.opt.Client.Do(req); err == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxRequest))
			_ = res.Body.Close()
			back.Status = res.StatusCode
		}
	}
	if err != nil {
		back.Err = fmt.Errorf("phonetest: post to %s: %w", url, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	back.At = w.opt.Now()
	w.callbacks = append(w.callbacks, back)
	w.changed()
}

// replace removes the push that waits for the same phone under the same topic
// (RFC 8030, 5.4). The caller holds the lock.
func (p *Phone) replace(rec *record) {
	if rec.Topic == "" {
		return
	}
	p.waiting = slices.DeleteFunc(p.waiting, func(r *record) bool { return r.Topic == rec.Topic && r.To == rec.To })
}

// expired says whether a push has waited longer than its TTL.
func (rec *record) expired(now time.Time) bool {
	return rec.browser != nil && now.Sub(rec.Accepted) > rec.TTL
}
