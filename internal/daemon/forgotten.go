package daemon

import (
	"context"
	"errors"
	"time"

	"github.com/astreinte/astreinte/internal/effect/mail"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/signin"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// kindForgotten are mails to those who have forgotten their password.
const kindForgotten = "forgotten"

// losers has mails go to those who have lost the way in (signin.Mailer).
type losers struct{ d *Daemon }

var _ signin.Mailer = losers{}

// On says whether mail is configured.
func (l losers) On() bool { return l.d.mail != nil && l.d.mail.On() }

// Lost records that somebody asked, and no more: the answer takes as long whoever it was.
func (l losers) Lost(ctx context.Context, asked string) error {
	err := l.d.mail.Late(ctx, kindForgotten, asked, l.d.clock.Now().Add(signin.ForgottenFor))
	if errors.Is(err, mail.ErrOff) {
		return nil // it was turned off just now
	}
	return err //nolint:wrapcheck // it names itself
}

// lateMails are the mails that are made when they are sent: what they say is a secret
// that the store is not to keep.
func (d *Daemon) lateMails() map[string]mail.Late {
	return map[string]mail.Late{kindForgotten: {
		Most: ticket.MaxForgotten,
		Find: func(asked string) (string, bool) {
			p, ok := d.signing.Book.Loser(asked)
			return p.Key, ok
		},
		Make: d.forgotten,
	}}
}

// forgotten is the mail with a link by which a person sets another password.
func (d *Daemon) forgotten(ctx context.Context, person, id string) (mail.Mail, error) {
	link, until, err := d.signing.InviteAgain(ctx, person, id)
	if errors.Is(err, signin.ErrNotFound) {
		return mail.Mail{}, mail.ErrNobody
	}
	if err != nil {
		return mail.Mail{}, err //nolint:wrapcheck // it names itself
	}
	rules := d.pager.Rules()
	p, _ := rules.Directory.Person(person)
	w := &lang.In(paging.Language(p, rules)).Mail
	return mail.Mail{Subject: w.ForgottenSubject, Body: lang.Fill(w.ForgottenBody,
		"name", p.Name, "link", link, "until", until.In(rules.Location).Format(time.DateOnly+" 15:04"))}, nil
}
