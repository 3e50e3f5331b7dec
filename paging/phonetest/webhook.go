package phonetest

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" // the algorithm of Twilio's signature
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// webhookPatience is how long Twilio waits for an answer to a message's webhook.
const webhookPatience = 15 * time.Second

// Callback is one request to the daemon, a receipt or a text.
type Callback struct {
	At time.Time
	// URL is the public URL, over which the request was signed.
	URL  string
	Form url.Values
	// Status is the daemon's answer; 0 if there was none, because of Err.
	Status int
	Err    error
}

// Callbacks returns every request to the daemon so far, in the order of the
// answers.
func (w *World) Callbacks() []Callback {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.callbacks)
}

// reply is the daemon's answer to a webhook.
type reply struct {
	status int
	mime   string
	body   []byte
}

// post sends a form to the daemon as Twilio does. It signs it over the public
// URL, and sends it to where the daemon really is. An answer with any status
// is no error.
func (w *World) post(ctx context.Context, publicURL string, form url.Values) (reply, error) {
	answered, err := w.exchange(ctx, publicURL, form)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.callbacks = append(w.callbacks, Callback{
		At: w.opt.Now(), URL: publicURL, Form: form, Status: answered.status, Err: err,
	})
	w.changed()
	return answered, err
}

func (w *World) exchange(ctx context.Context, publicURL string, form url.Values) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, webhookPatience)
	defer cancel()
	actual := w.actual(publicURL)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, actual, strings.NewReader(form.Encode()))
	if err != nil {
		return reply{}, fmt.Errorf("phonetest: post to %s: %w", publicURL, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("X-Twilio-Signature", signature(w.opt.AuthToken, publicURL, form))
	res, err := w.opt.Client.Do(req)
	if err != nil {
		return reply{}, fmt.Errorf("phonetest: post to %s: %w", publicURL, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxRequest))
	if err != nil {
		return reply{}, fmt.Errorf("phonetest: read the answer of %s: %w", publicURL, err)
	}
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return reply{status: res.StatusCode, mime: media, body: body}, nil
}

// actual returns where a public URL really is. It puts the daemon's base URL
// in place of the public one, and leaves any other URL as it is.
func (w *World) actual(publicURL string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	rest, ours := strings.CutPrefix(publicURL, w.opt.PublicURL)
	if !ours || w.opt.PublicURL == "" || w.daemon == "" || (rest != "" && !strings.ContainsAny(rest[:1], "/?")) {
		return publicURL
	}
	return w.daemon + rest
}

// public returns the daemon's public base URL; empty if it has none yet.
func (w *World) public() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.opt.PublicURL == "" {
		return w.daemon
	}
	return w.opt.PublicURL
}

// signature is X-Twilio-Signature: HMAC-SHA1 with the account's token. It
// covers the URL as it was configured, its query included, and each
// parameter's name and values, sorted by both. An equal value counts once.
func signature(authToken, publicURL string, form url.Values) string {
	var signed strings.Builder
	signed.WriteString(publicURL)
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		values := slices.Clone(form[name])
		slices.Sort(values)
		for _, value := range slices.Compact(values) {
			signed.WriteString(name + value)
		}
	}
	mac := hmac.New(sha1.New, []byte(authToken))
	_, _ = mac.Write([]byte(signed.String())) // a hash never fails
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
