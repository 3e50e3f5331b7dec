package config

import (
	"encoding/json"
	"regexp"
	"strings"
)

func (r *reader) sms(v value) *SMS {
	if !v.given() {
		return nil
	}
	t := v.table()
	bundle := t.get("bundle_over")
	s := &SMS{BundleOver: bundle.integer(0, 0)}
	if s.BundleOver > 0 {
		bundle.errorf("bundling is not in this version: every ticket has an SMS of its own; 0, or leave it out")
	}
	provider := t.need("provider", "provider: twilio")
	if name, ok := provider.text(); ok {
		if name != "twilio" {
			provider.errorf("SMS by %q is not in this version: twilio is", name)
		}
		s.Provider = name
	}
	s.Replies = t.get("replies").replies()
	s.Twilio = t.need("twilio", "the provider's account").twilio()
	if s.Replies == repliesSame && alphanumeric.MatchString(s.Twilio.From) && !shortCode.MatchString(s.Twilio.From) {
		t.child("replies").errorf("a sender that is a name takes no answers: none, or the number that does")
	}
	t.refuse(notYet, "fallback", "rate", "voice", "senders")
	t.done()
	r.channels = append(r.channels, channelSMS)
	return s
}

// What sms.replies can be beside a number.
const (
	repliesNone = "none"
	repliesSame = "same"
)

var (
	shortCode    = regexp.MustCompile(`^[0-9]{3,8}$`)
	alphanumeric = regexp.MustCompile(`^[A-Za-z0-9 _-]{1,11}$`)
	twilioSID    = regexp.MustCompile(`^[A-Za-z0-9]{3,64}$`)
)

// replies reads who takes the answers; nobody where it is left out.
func (v value) replies() string {
	text, ok := v.scalar("none, same or a number", "!!str", "!!int")
	switch {
	case !ok:
		return repliesNone
	case text == repliesNone, text == repliesSame:
		return text
	}
	if v.checkPhone(text, "is neither none, same nor a number") {
		v.errorf("another number for answers is not in this version: same, with a sender that takes them, or none")
	}
	return text
}

func (v value) twilio() Twilio {
	t := v.table()
	a := Twilio{
		AccountSID: t.need("account_sid", "the account's SID (AC…)").sid("AC"),
		AuthToken:  t.secret("auth_token"),
		BaseURL:    strings.TrimRight(t.get("base_url").address(), "/"),
		Rate:       t.get("rate").rate(),
	}
	if a.Rate > 0 {
		t.child("rate").errorf("a pace is not in this version: 0, or leave it out")
	}
	service, from := t.get("messaging_service_sid"), t.get("from")
	a.MessagingServiceSID = service.sid("MG")
	a.From = from.sender()
	switch {
	case service.given() && from.given():
		from.errorf("messaging_service_sid is given too: only one of them can be")
	case !service.given() && !from.given():
		service.errorf("messaging_service_sid or from wanted: who sends")
	}
	t.refuse(notYet, "fallback", "voice", "edge", "region")
	t.done()
	return a
}

func (v value) sid(prefix string) string {
	text, ok := v.text()
	if ok && (!strings.HasPrefix(text, prefix) || !twilioSID.MatchString(text)) {
		v.errorf("%s and 32 letters and digits wanted", prefix)
	}
	return text
}

// sender reads a number, a short code or a name of at most 11 characters.
func (v value) sender() string {
	text, ok := v.scalar("a number or a name", "!!str", "!!int")
	if !ok || shortCode.MatchString(text) {
		return text
	}
	if alphanumeric.MatchString(text) && strings.ContainsFunc(text, func(c rune) bool { return c > '9' }) {
		return text
	}
	v.checkPhone(text, "is no sender (a number, or a name of 11 letters and digits at most)")
	return text
}

func (r *reader) push(v value) *Push {
	if !v.given() {
		return nil
	}
	t := v.table()
	fcm := t.need("fcm", "the provider's account").table()
	p := &Push{FCM: FCM{
		Credentials: fcm.secret("credentials"),
		Endpoint:    strings.TrimRight(fcm.get("endpoint").address(), "/"),
	}}
	if text := p.FCM.Credentials.Reveal(); text != "" {
		account := map[string]any{}
		if json.Unmarshal([]byte(text), &account) != nil {
			at := fcm.child("credentials_file")
			if !at.given() {
				at = fcm.child("credentials")
			}
			at.errorf("not the JSON of a service account")
		}
	}
	fcm.done()
	t.refuse(notYet, "web", "webpush", "apns")
	t.done()
	r.channels = append([]string{channelPush}, r.channels...)
	return p
}
