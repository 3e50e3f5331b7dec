package webpush

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// MaxPlain is how many bytes a push carries: a push service takes 4096 (RFC 8030,
// 7.2), of which 86 are the header of the encryption (RFC 8188, 2.1), 16 its tag and
// one the mark of its end.
const MaxPlain = 4096 - 86 - 16 - 1

// Declarative Web Push (W3C Push API, "declarative push message"): a browser that
// knows it shows the notification by itself if it has dropped the service worker;
// any other hands the text to the worker as it is.
const declarative = 8030

type payload struct {
	WebPush      int          `json:"web_push"`
	Mutable      bool         `json:"mutable"` // the service worker is asked first
	Notification notification `json:"notification"`
}

type notification struct {
	Title     string            `json:"title"`
	Body      string            `json:"body,omitempty"`
	Lang      string            `json:"lang,omitempty"`
	Navigate  string            `json:"navigate"`
	Tag       string            `json:"tag"`                // a ticket has one notification …
	Renotify  bool              `json:"renotify"`           // … that sounds each time
	Interact  bool              `json:"requireInteraction"` // it stays until somebody looks
	Timestamp int64             `json:"timestamp"`          // milliseconds since 1970
	Data      map[string]string `json:"data"`
	Actions   []action          `json:"actions,omitempty"`
}

type action struct {
	Action   string `json:"action"`
	Title    string `json:"title"`
	Navigate string `json:"navigate"`
}

// What a notification's buttons are called; the service worker finds what each
// leads to under the same name in the notification's data.
const (
	actAcknowledge = "acknowledge" // POST action=acknowledge to it
	actOpen        = "open"
)

// text is a push as the browser reads it, MaxPlain bytes at most. token says where
// the phone tells that it showed the push.
func text(m *paging.Message, public, token string, now time.Time) ([]byte, error) {
	words := lang.In(m.Language)
	n := notification{
		Title: m.Title, Body: m.Body, Lang: words.Tag, Navigate: m.Data["link"], Tag: m.Key.Ticket,
		Renotify: true, Interact: true, Timestamp: now.UnixMilli(), Data: maps.Clone(m.Data),
	}
	if n.Data == nil {
		n.Data = map[string]string{}
	}
	n.Data["shown"] = public + ShownPath + token
	if n.Navigate == "" {
		n.Navigate = public + "/now"
	} else {
		n.Data[actOpen] = n.Navigate
		if m.Data["kind"] == string(ticket.KindPage) {
			n.Data[actAcknowledge] = n.Navigate
			n.Actions = append(n.Actions, action{actAcknowledge, words.Push.Acknowledge, n.Navigate})
		}
		n.Actions = append(n.Actions, action{actOpen, words.Push.Open, n.Navigate})
	}
	return fit(payload{WebPush: declarative, Mutable: true, Notification: n})
}

// fit is a push as JSON. What is too long loses the end of its body, and then of its
// title: one that is too big reaches nobody.
func fit(p payload) ([]byte, error) {
	for {
		raw, err := write(p)
		over := len(raw) - MaxPlain
		if err != nil || over <= 0 {
			return raw, err
		}
		n := &p.Notification
		switch {
		case n.Body != "":
			n.Body = shorter(n.Body, over/longest+1)
		case n.Title != "":
			n.Title = shorter(n.Title, over/longest+1)
		default:
			return raw, nil // the push service says what it thinks of it
		}
	}
}

// longest is what one byte may take in JSON: \u0001.
const longest = 6

// shorter takes so many bytes from the end of s and more, in whole characters.
func shorter(s string, by int) string {
	const more = "…"
	end := len(strings.TrimSuffix(s, more)) - by - len(more)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	if end <= 0 {
		return ""
	}
	return s[:end] + more
}

func write(p payload) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(p)
	return bytes.TrimSpace(b.Bytes()), err
}

// topic names a ticket to its push service, which keeps one message of a name for a
// phone that is off (RFC 8030, 5.4): 32 characters of base64url, and no word of it.
func topic(number string) string {
	sum := sha256.Sum256([]byte("topic " + number))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}
