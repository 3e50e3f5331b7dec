package config

import (
	"regexp"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/paging"
)

// Channels are the sections of the configuration's channels.
type Channels struct {
	SMS  *SMS  // nil: no SMS
	Push *Push // nil: no push
	Mail *Mail // nil: no mail
}

// sections reads the channels' sections.
func (r *reader) sections(t *table) (c Channels) {
	c.SMS, c.Push = r.sms(t.get("sms")), r.push(t.get("push"), t.child("server").child("public_url").peek())
	c.Mail = r.mail(t.get("mail"))
	order := paging.WayNames(paging.AllWays())
	slices.SortFunc(r.channels, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	return c
}

// Sender is the provider that carries a channel's texts first, as far as texts
// depend on it.
func (c *Channels) Sender(channel string) paging.Provider {
	if channel != paging.WaySMS || c.SMS == nil {
		return paging.Provider{}
	}
	by := paging.Provider{Replies: c.SMS.Replies != repliesNone}
	if c.SMS.Provider == providerHTTP {
		by.NoLinks, by.GSMOnly = c.SMS.HTTP.Spec.NoLinks, !c.SMS.HTTP.Spec.Unicode
	}
	return by
}

func (r *reader) sms(v value) *SMS {
	if !v.given() {
		return nil
	}
	t := v.table()
	s := &SMS{
		SMSProvider: t.provider(),
		BundleOver:  t.get("bundle_over").integer(DefaultBundleOver, 0),
	}
	if fallback := t.get("fallback"); fallback.given() {
		f := fallback.table()
		p := f.provider()
		f.refuse("it stands beside the first provider, under sms", "bundle_over")
		f.refuse("there is one fallback", "fallback")
		f.finishProvider()
		s.Fallback = &p
		if p.Provider != "" && p.name() == s.name() {
			f.nameOf(p).errorf("the first provider is named %q too: receipts and replies are told apart by the name", p.name())
		}
	}
	t.finishProvider()
	r.channels = append(r.channels, paging.WaySMS)
	return s
}

// The providers of SMS.
const (
	providerTwilio = "twilio"
	providerHTTP   = "http"
)

// name is what tells providers apart.
func (p *SMSProvider) name() string {
	if p.Provider == providerHTTP {
		return p.HTTP.Name
	}
	return p.Provider
}

// nameOf is the value that gives a provider's name.
func (t *table) nameOf(p SMSProvider) value {
	if p.Provider == providerHTTP {
		return t.child(providerHTTP).child("name")
	}
	return t.child("provider")
}

// provider reads which provider sends, and the account with it.
func (t *table) provider() SMSProvider {
	p := SMSProvider{}
	provider := t.need("provider", "provider: twilio, or http for a gateway that is described here,")
	provider.note(noteType, either([]string{providerTwilio, providerHTTP}))
	if name, ok := provider.text(); ok {
		if name != providerTwilio && name != providerHTTP {
			provider.errorf("SMS by %q is not in this version: twilio is, and http, a gateway that is described here", name)
		}
		p.Provider = name
	}
	p.Replies = t.get("replies").replies()
	switch p.Provider {
	case providerHTTP:
		p.HTTP = t.need(providerHTTP, "the gateway").gateway(p.Replies == repliesSame)
		t.refuse("the provider is http", providerTwilio)
	default:
		p.Twilio = t.need(providerTwilio, "the provider's account").twilio()
		t.refuse("the provider is twilio", providerHTTP)
	}
	t.checkReplies(&p)
	return p
}

// checkReplies refuses replies for a provider that cannot have them.
func (t *table) checkReplies(p *SMSProvider) {
	if p.Replies != repliesSame {
		return
	}
	from := p.Twilio.From + p.HTTP.From
	switch {
	case alphanumeric.MatchString(from) && !shortCode.MatchString(from):
		t.child("replies").errorf("a sender that is a name takes no answers: none, or the number that does")
	case p.Provider == providerHTTP && t.child(providerHTTP).given() && p.HTTP.Spec.Replies == nil:
		t.child("replies").errorf("http.replies says nothing about how answers come in: describe it, or write none")
	}
}

func (t *table) finishProvider() {
	t.refuse("each provider has its own: write twilio.rate or http.rate", "rate")
	t.refuse(notYet, "voice", "senders")
	t.done()
}

// What sms.replies can be besides a number.
const (
	repliesNone = "none"
	repliesSame = "same"
)

var (
	shortCode    = regexp.MustCompile(`^[0-9]{3,8}$`)
	alphanumeric = regexp.MustCompile(`^[A-Za-z0-9 _-]{1,11}$`)
	twilioSID    = regexp.MustCompile(`^[A-Za-z0-9]{3,64}$`)
)

// replies reads who gets the answers. If it is left out, nobody does.
func (v value) replies() string {
	v.note(noteDefault, repliesNone)
	v.note(noteType, "none or same")
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
	a.Rate = t.get("rate").rate(paceOf(a.From))
	t.refuse("it stands beside twilio, under sms", "fallback")
	t.refuse(notYet, "voice", "edge", "region")
	t.done()
	return a
}

// paceOf is the pace of a sender that is given none. Networks take about one
// SMS a second from a long number, and far more from other senders.
func paceOf(from string) float64 {
	if strings.HasPrefix(from, "+") {
		return DefaultLongNumberRate
	}
	return 0
}

func (v value) sid(prefix string) string {
	v.note(noteType, prefix+" and letters and digits")
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
