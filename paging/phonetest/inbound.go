package phonetest

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// The words by which a subscriber leaves and comes back, if the text has
// nothing else (Twilio's default for long codes).
var (
	stopWords  = []string{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
	startWords = []string{"START", "YES", "UNSTOP"}
)

// Text sends an SMS from the phone to the account's number, as Send does. It
// fails the test if Send returns an error.
func (p *Phone) Text(tb TB, text string) string {
	tb.Helper()
	said, err := p.Send(tb.Context(), text)
	if err != nil {
		tb.Fatalf("%s texts %q: %v", p.name, text, err)
	}
	return said
}

// Send posts an SMS from the phone to the account's number, signed, to
// {public}/twilio/sms. It returns the messages of the TwiML answer, joined by
// newlines. They become SMS on the phone too; no Expect returns those, because
// Send does. The daemon must answer 200 with TwiML (otherwise Twilio's errors
// 11200, 12300 and 12100). A text that is STOP or its like ends all SMS to the
// phone, the answer included, with 21610 until START.
func (p *Phone) Send(ctx context.Context, text string) (string, error) {
	return p.Compose(text)(ctx)
}

// Compose writes an SMS, and returns a function that delivers it as Send does.
// Each further call delivers it again with the same MessageSid, like a
// provider that does not know whether it was heard.
func (p *Phone) Compose(text string) func(context.Context) (string, error) {
	form := p.world.inboundForm(p.number, text)
	var sent sync.Once
	return func(ctx context.Context) (string, error) {
		if !p.On() {
			return "", errors.New("phonetest: the phone is switched off")
		}
		w := p.world
		public := w.public()
		if public == "" {
			return "", errors.New("phonetest: the world knows no daemon: neither PublicURL nor Daemon is set")
		}
		sent.Do(func() { p.sends(text, form) })
		answered, err := w.post(ctx, public+"/twilio/sms", form)
		if err != nil {
			return "", err
		}
		said, err := parseTwiML(answered)
		if err != nil {
			return "", fmt.Errorf("phonetest: %s/twilio/sms: %w", public, err)
		}
		return w.answerTwiML(p, said), nil
	}
}

// inboundForm is the form with which Twilio tells of an SMS that came in.
func (w *World) inboundForm(from, text string) url.Values {
	sid := "SM" + randomHex()
	_, n := segments(text)
	form := url.Values{
		"AccountSid":    {w.opt.AccountSID},
		"ApiVersion":    {twilioVersion},
		"Body":          {text},
		"From":          {from},
		"MessageSid":    {sid},
		"NumMedia":      {"0"},
		"NumSegments":   {strconv.Itoa(n)},
		"SmsMessageSid": {sid},
		"SmsSid":        {sid},
		"SmsStatus":     {"received"},
		"To":            {w.opt.Number},
	}
	for _, end := range []string{"From", "To"} { // known for few countries
		for _, part := range []string{"City", "Country", "State", "Zip"} {
			form.Set(end+part, "")
		}
	}
	return form
}

// sends notes a text of the phone. It returns whether the text opts out.
func (p *Phone) sends(text string, form url.Values) {
	w := p.world
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.opt.Now()
	m := Message{
		Kind: SMS, Accepted: now, At: now, From: p.number, To: w.opt.Number,
		Body: text, SID: form.Get("MessageSid"), Status: "received", phone: p,
	}
	m.Encoding, m.Segments = segments(text)
	p.sent = append(p.sent, m)
	switch word := strings.ToUpper(strings.TrimSpace(text)); {
	case slices.Contains(stopWords, word):
		w.optedOut[p.number] = true
	case slices.Contains(startWords, word):
		delete(w.optedOut, p.number)
	}
	w.changed()
}

// twiml is the part of TwiML that answers an SMS.
type twiml struct {
	XMLName  xml.Name       `xml:"Response"`
	Messages []twimlMessage `xml:"Message"`
}

type twimlMessage struct {
	To   string `xml:"to,attr"`
	Text string `xml:",chardata"`
	Body string `xml:"Body"`
}

func (m twimlMessage) text() string {
	return strings.TrimSpace(m.Text + m.Body)
}

// parseTwiML returns the messages of the daemon's answer.
func parseTwiML(r reply) ([]twimlMessage, error) {
	if r.status != http.StatusOK {
		return nil, fmt.Errorf("answered %d, Twilio's error 11200: %q", r.status, r.body)
	}
	if !slices.Contains([]string{"text/xml", "application/xml"}, r.mime) {
		return nil, fmt.Errorf("answered with the content type %q, Twilio's error 12300", r.mime)
	}
	var doc twiml
	if err := xml.Unmarshal(r.body, &doc); err != nil {
		return nil, fmt.Errorf("answered no TwiML, Twilio's error 12100: %w: %q", err, r.body)
	}
	for _, m := range doc.Messages {
		if n := utf8.RuneCountInString(m.text()); n > maxBody {
			return nil, fmt.Errorf("answered a message of %d characters, Twilio's error 21617", n)
		}
	}
	return doc.Messages, nil
}

// answerTwiML brings the answers to their phones at once. It returns the text
// of those for p.
func (w *World) answerTwiML(p *Phone, answers []twimlMessage) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var said []string
	for _, m := range answers {
		to := w.byNumber[m.To]
		if m.To == "" {
			to = p
		}
		if m.text() == "" || to == nil || w.optedOut[to.number] {
			continue
		}
		if to == p {
			said = append(said, m.text())
		}
		to.hear(m.text(), to == p)
	}
	w.changed()
	return strings.Join(said, "\n")
}

// hear puts an answer on the phone. The caller holds the lock.
func (p *Phone) hear(text string, read bool) {
	w := p.world
	now := w.opt.Now()
	rec := &record{
		Message: Message{
			Kind: SMS, Accepted: now, From: w.opt.Number, To: p.number,
			Body: text, SID: "SM" + randomHex(), Status: "delivered", phone: p,
		},
		read: read, sent: now, updated: now, reached: make(chan struct{}),
	}
	rec.Encoding, rec.Segments = segments(text)
	w.records = append(w.records, rec)
	w.bySID[rec.SID] = rec
	if p.off {
		p.waiting = append(p.waiting, rec)
		return
	}
	p.put(rec)
}
