package daemon

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/effect"
	"github.com/astreinte/astreinte/internal/effect/mail"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/smtp"
)

// buildMail makes what records mails, and the queue that sends them. It has workers of
// its own: a mail server that hangs holds back no webhook, and no page.
func (d *Daemon) buildMail(metrics *effect.Metrics) {
	d.mail = mail.NewBook(d.records, d.clock.Now, func() *contacts.Directory { return d.pager.Rules().Directory })
	d.letters = effect.New(effect.Options{
		Kind: ticket.LetterRecords, Records: d.store.Records(), Tickets: d.mail, Clock: d.clock, Owner: d.pager.Owner(),
		Log: d.log.Named("letters"), Metrics: metrics, Over: mail.Over, Gone: mail.Gone,
	})
	d.setMail(d.sender)
}

// mailer makes the sender of a configuration; nil: no mail is configured.
func (d *Daemon) mailer(c *config.Config) (*smtp.Sender, error) {
	m := c.Mail
	if m == nil {
		return nil, nil //nolint:nilnil // as said
	}
	settings := smtp.Config{
		Address: m.Address, TLS: m.TLS, Roots: m.Roots, User: m.User, Password: smtp.Secret(m.Password.Reveal()), From: m.From,
		Dial: d.opts.MailDial, Now: func() time.Time { return d.clock.Now() },
	}
	if u, err := url.Parse(c.Server.PublicURL); err == nil {
		settings.Hello = u.Hostname()
	}
	return smtp.New(settings) //nolint:wrapcheck // it names itself
}

// setMail puts a mail server in force for mails that are no pages; nil: there is none.
func (d *Daemon) setMail(sender *smtp.Sender) {
	d.mail.Set(sender != nil)
	if sender == nil {
		d.letters.SetReceivers(nil)
		return
	}
	d.letters.SetReceivers(map[string]effect.Receiver{mail.Receiver: mail.NewCarrier(mail.Options{
		Book: d.mail, Late: d.lateMails(),
		Send: func(ctx context.Context, l mail.Letter) effect.Result {
			return ended(sender.Mail(ctx, smtp.Letter{To: l.To, Subject: l.Subject, Body: l.Body, ID: l.ID, Date: l.Date}))
		},
	})})
}

// ended says of a mail that is an effect what a mail server said of it. What is refused
// for good is about this mail, or about us: who administers the server may mend that,
// and the mail waits for as long as it is of use.
func ended(r paging.Result) effect.Result {
	switch r.Class {
	case paging.Accepted:
		return effect.Result{Class: effect.Taken}
	case paging.DeadAddress, paging.Filtered:
		return effect.Result{Class: effect.Never, Error: r.Error()}
	case paging.DeadAccount, paging.Transient, paging.OutcomeUnknown:
	}
	return effect.Result{Class: effect.Again, Error: r.Error(), After: r.RetryAfter, Alone: r.TooFast}
}

// mailed records a note as a mail, if mail is among the channels and the person has an
// address. It says whether the mail will go out, and which channels are left.
func (d *Daemon) mailed(ctx context.Context, to contacts.Person, channels []string, n paging.Note) (others []string, taken bool) {
	if !slices.Contains(channels, paging.WayMail) {
		return channels, false
	}
	others = slices.DeleteFunc(slices.Clone(channels), func(name string) bool { return name == paging.WayMail })
	if !d.mail.On() || to.Email == "" {
		return others, false
	}
	subject, body := n.Title, n.Body
	if n.Link != nil {
		link, err := n.Link(paging.WayMail, to.Email)
		if err != nil {
			d.log.Warn("a mail has no link: it is not sent", zap.String("person", to.Key), zap.Error(err))
			return others, false
		}
		w := &lang.In(paging.Language(to, d.pager.Rules())).Mail
		before := w.See
		if n.Ask != "" {
			before = w.Confirm
		}
		body += "\n\n" + before + "\n" + link + "\n"
	}
	err := d.mail.To(ctx, to.Key, mail.Mail{Kind: n.Kind, Key: n.ID, Subject: subject, Body: body})
	if err != nil && !errors.Is(err, mail.ErrOff) {
		d.log.Warn("a mail could not be recorded", zap.String("person", to.Key), zap.String("kind", n.Kind), zap.Error(err))
	}
	return others, err == nil
}

// lastMail puts mail behind the others: it is read when it is read.
func lastMail(channels []string) []string {
	if !slices.Contains(channels, paging.WayMail) {
		return channels
	}
	return append(wakeful(channels), paging.WayMail)
}

// wakeful are the channels of some that can wake somebody: mail cannot.
func wakeful(channels []string) []string {
	return slices.DeleteFunc(slices.Clone(channels), func(name string) bool { return name == paging.WayMail })
}
