package phonetest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Kind is the kind of a message or an API call.
type Kind string

// SMS and Push are the two ways to a phone. OAuth names the calls of Google's
// token endpoint, in a Fault and an Attempt.
const (
	SMS   Kind = "sms"
	Push  Kind = "push"
	OAuth Kind = "oauth"
)

// Message is what a provider accepted for a phone, as it was when the call
// returned it.
type Message struct {
	Kind Kind
	// Accepted is when the provider took it. At is when the phone got it; zero
	// while it has not.
	Accepted, At time.Time
	// From is the sender's number or name. To is the phone's number (SMS), or the
	// device's token or the endpoint of a browser's subscription (push).
	From, To string
	// Title is a push's. Body is the text of either kind.
	Title, Body string
	// Data is a push's data.
	Data map[string]string
	// SID is the provider's id: SM and 32 hex digits, or FCM's message name.
	SID string
	// Encoding (GSM7, UCS2) and Segments are set for an SMS.
	Encoding string
	Segments int
	// Status is Twilio's word: accepted, queued, sent, delivered, undelivered,
	// failed, received. A push is accepted, then delivered.
	Status string
	// ErrorCode is Twilio's if Status is undelivered or failed, otherwise 0.
	ErrorCode int
	// Raw is the whole message of a push request, as it was sent, or as the
	// browser decrypted it.
	Raw json.RawMessage
	// Topic, PushUrgency and TTL are the headers of a push to a browser.
	Topic, PushUrgency string
	TTL                time.Duration

	phone *Phone // nil if nobody has the number
}

// record is a Message with what else the World knows of it. The World's lock
// guards everything that changes.
type record struct {
	Message
	service  string // a messaging service's id
	callback string // where receipts go; empty: nowhere
	giveUp   time.Duration
	fault    Fault
	browser  *browser      // of a push to a browser, otherwise nil
	read     bool          // an Expect or a Reply has returned it
	reached  chan struct{} // closed when it is on its phone
	sent     time.Time     // when the carrier took it
	updated  time.Time
}

var (
	codeOffer = regexp.MustCompile(`(?i)(?:^|[^\w:+])(\d{2,})\s+OK\b`)
	linkOffer = regexp.MustCompile(`https?://[^\s"<>]+/a/[A-Za-z0-9_-]+`)
)

// Code returns the code with which the message can be answered: the number in
// "12 OK" of an SMS, the data's code of a push. It is empty if there is none.
func (m Message) Code() string {
	if m.Kind == Push {
		return m.Data["code"]
	}
	if found := codeOffer.FindStringSubmatch(m.Body); found != nil {
		return found[1]
	}
	return ""
}

// Link returns the message's link to its ticket (…/a/token): the first one in
// the text of an SMS, the data's link of a push. It is empty if there is none.
func (m Message) Link() string {
	if m.Kind == Push {
		return m.Data["link"]
	}
	return linkOffer.FindString(m.Body)
}

// Reply texts back from the phone that got the message, as Phone.Text does. If
// the sender of an SMS is a name, it cannot be answered.
func (m Message) Reply(tb TB, text string) string {
	tb.Helper()
	switch {
	case m.phone == nil:
		tb.Fatalf("no phone to reply %q from: nobody has the number of %s", text, m)
		return ""
	case m.Kind == SMS && !e164.MatchString(m.From):
		tb.Fatalf("no number to reply %q to: the sender %q is a name", text, m.From)
		return ""
	}
	return m.phone.Text(tb, text)
}

// String is one line for people: kind, time, status and text.
func (m Message) String() string {
	at := "not arrived"
	if !m.At.IsZero() {
		at = m.At.Format("15:04:05.000")
	}
	text := strings.TrimSpace(m.Title + " " + m.Body)
	status := m.Status
	if m.ErrorCode != 0 {
		status = fmt.Sprintf("%s %d", status, m.ErrorCode)
	}
	return fmt.Sprintf("%s to %s, %s, %s: %q", m.Kind, m.To, at, status, text)
}

// Messages returns all messages that the providers accepted, arrived or not,
// in order.
func (w *World) Messages() []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	return messages(w.records)
}

// Message returns the message with that provider's id, as it is now.
func (w *World) Message(sid string) (Message, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	rec := w.bySID[sid]
	if rec == nil {
		return Message{}, false
	}
	return rec.Message, true
}

func messages(records []*record) []Message {
	list := make([]Message, 0, len(records))
	for _, rec := range records {
		list = append(list, rec.Message)
	}
	return list
}
