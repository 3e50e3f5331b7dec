package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/smtp"
	"net/textproto"
	"time"

	"github.com/astreinte/astreinte/ingest"
	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// simMails is the source whose tool sends mails.
	simMails   = "mails"
	simMailbox = "tool@pager.test"
	// simRelays is how long the mail server of the tool waits for a daemon.
	simRelays = 20 * time.Second
)

// simLetter is a mail of the tool, which its mail server keeps until it was taken.
type simLetter struct {
	a       *simAlert
	version int // of what it says
	fires   bool
	date    time.Time // in whole seconds, as mails have it
	text    []byte
}

// hasMails says whether a tool of the world sends mails: in a third of them one does.
func (s *sim) hasMails() bool { return rand.New(rand.NewPCG(s.seed, 81)).IntN(3) == 0 }

// mails is what the configuration says of that source, and of how mails come in.
func (s *sim) mails() string {
	if !s.hasMails() {
		return ""
	}
	return fmt.Sprintf("\n  %s: {type: mail, customer: acme%s}", simMails, s.bound(simMails))
}

func (s *sim) mailIn() string {
	if !s.hasMails() {
		return ""
	}
	return fmt.Sprintf("\nmail_in: {listen: \"127.0.0.1:2525\", from_relays: [127.0.0.1/32], to: {%s: {source: %s}}}\n", simMailbox, simMails)
}

// scriptMails has a tool mail what fires and what is over. It draws from its own source,
// and no other trouble meets its tool. What changes within a second has no order.
func (s *sim) scriptMails(add func(time.Duration, string, func())) {
	if !s.hasMails() {
		return
	}
	rng := rand.New(rand.NewPCG(s.seed, 82))
	tool := &simTool{s: s, source: simMails, every: 4 * time.Hour, wake: make(chan struct{}, 1), lives: time.Now()}
	for n := range 1 + rng.IntN(2) {
		a := &simAlert{name: fmt.Sprintf("%s-%d", simMails, n), labels: map[string]string{"customer": "acme"}}
		list, err := ingest.Tools().Read(ingest.Source{Name: simMails, Type: ingest.TypeMail}, a.letter(true, time.Now()), time.Now())
		if err != nil || len(list) != 1 {
			panic(fmt.Sprintf("the mails of %s: %v, %v", a.name, list, err))
		}
		a.fingerprint = list[0].Fingerprint
		tool.alerts = append(tool.alerts, a)
		at, fires := 2*time.Second+time.Duration(rng.Int64N(int64(4*time.Minute))), true
		for range 1 + rng.IntN(6) {
			says := fires
			add(at, fmt.Sprintf("%s is mailed, fires=%v", a.name, says), func() { s.mail(tool, a, says) })
			at += 2*time.Second + time.Duration(rng.Int64N(int64([]time.Duration{10 * time.Second, 4 * time.Minute}[rng.IntN(2)])))
			fires = !fires
		}
	}
	s.tools = append(s.tools, tool)
}

// letter is the mail that says how an alert is, as Nagios writes it.
func (a *simAlert) letter(fires bool, at time.Time) []byte {
	kind, state := "RECOVERY", "OK"
	if fires {
		kind, state = "PROBLEM", "CRITICAL"
	}
	return fmt.Appendf(nil, "From: nagios@tools.test\r\nTo: %s\r\nDate: %s\r\nMessage-ID: <%d@tools.test>\r\nSubject: ** %s Service Alert: %s/disk is %s **\r\n\r\nState: %s\r\n.\r\n",
		simMailbox, at.UTC().Format(time.RFC1123Z), at.UnixNano(), kind, a.name, state, state)
}

// mail has an alert fire or be over, and gives a mail of that to the mail server. This
// brings each by itself, and again until a daemon takes it, so that they overtake each
// other.
func (s *sim) mail(tool *simTool, a *simAlert, fires bool) {
	tool.set(a, fires)
	now := time.Now()
	l := &simLetter{a: a, version: a.version, fires: fires, date: now.Truncate(time.Second), text: a.letter(fires, now)}
	s.beside(func() {
		for wait := time.Second; !s.brings(tool, l); wait = min(2*wait, 8*time.Second) {
			if !s.sleep(wait) {
				return
			}
		}
	})
}

// brings has the mail server try once; true if the mail was taken.
func (s *sim) brings(tool *simTool, l *simLetter) bool {
	n := s.nodes[s.pick("post/"+l.a.name, len(s.nodes))]
	life := n.now()
	box := life.mailbox()
	if box == nil {
		return false
	}
	trouble := time.Since(s.began) < s.plan.trouble
	err := box.takes(l.text, trouble && s.roll("cut/"+l.a.name) < 0.05)
	s.tell("a mail to %d: %s fires=%v of %s: %v", n.id, l.a.name, l.fires, l.date.Format(time.TimeOnly), err)
	var said *textproto.Error
	switch {
	case err == nil:
		s.keptMail(tool, l)
		if trouble && s.roll("took/"+l.a.name) < 0.15 {
			_ = life.perish("when it has taken a mail")
		}
		return true
	case errors.As(err, &said) && said.Code >= 500:
		s.problem("refused", "a mail of %s was answered %v", l.a.name, err)
	}
	return false
}

// takes brings a daemon a mail, by the dialogue of RFC 5321. Some are cut off in the middle.
func (p *simPost) takes(mail []byte, cut bool) error {
	conn, err := p.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(simRelays))
	c, err := smtp.NewClient(conn, "pager.test")
	if err != nil {
		return err
	}
	if err := c.Mail("nagios@tools.test"); err != nil {
		return err
	}
	if err := c.Rcpt(simMailbox); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if cut {
		_, _ = w.Write(mail[:len(mail)/2])
		_ = c.Text.W.Flush()
		return errors.New("sim: it was cut off")
	}
	if _, err := w.Write(bytes.TrimSuffix(mail, []byte(".\r\n"))); err != nil {
		return err
	}
	return w.Close()
}

// keptMail judges a 250: what the mail says is in the store at that moment. A mail that
// comes after a later one of the same alert says nothing new. But the end of what does not
// fire, as far as anybody has heard, is not remembered: then the alert stands as firing.
func (s *sim) keptMail(tool *simTool, l *simLetter) {
	a, now := l.a, time.Now()
	records, err := s.memory.Alerts(context.Background(), simMails, []string{a.fingerprint})
	aside := err != nil || s.past.takenBack(now) || s.past.closed(simMails+"/"+a.fingerprint)
	tool.mu.Lock()
	defer tool.mu.Unlock()
	if l.version < a.heard {
		a.unsure = a.unsure || l.fires && (aside || !a.ended)
		return
	}
	a.ended = !l.fires && len(records) == 1 && records[0].Status == ticket.Resolved && !records[0].EndsAt.Before(l.date)
	a.heard, a.accepted, a.said = l.version, now, ticket.Resolved
	if l.fires {
		a.said = ticket.Firing
	}
	a.dirty = a.dirty && a.version != l.version
	if l.fires && !aside && (len(records) == 0 || records[0].Status != ticket.Firing && records[0].EndsAt.Before(l.date)) {
		s.problem("not durable", "a mail that %s fires was answered with 250, and that is not in the store", a.name)
	}
}
