package signin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/web"
)

// ForgottenFor is how long an invitation is good that somebody asked for on the page of
// signing in: as long as a mail may take, and as one may look for it.
const ForgottenFor = 30 * time.Minute

// forgottenPath takes the form of the page of signing in.
const forgottenPath = web.SignInPath + "/forgotten"

// byPage made an invitation that somebody asked for there. Who that was is not known.
const byPage = "sign-in page"

// Mailer has a mail go to whoever has lost the way in.
type Mailer interface {
	// On says whether mail is configured.
	On() bool
	// Lost notes that somebody asked for a mail by a name or an address. It does the same
	// whether anybody has it: who that is, if anybody, is looked for later.
	Lost(ctx context.Context, asked string) error
}

// forgettable says whether a forgotten password can be asked for.
func (p *Pages) forgettable() bool {
	return p.Mailer != nil && p.Mailer.On() && p.Book.Settings().Passwords
}

// forgotten takes a name or an address, and says the same whatever becomes of it. What
// it does, and how long that takes, does not depend on whether anybody has it.
func (p *Pages) forgotten(w http.ResponseWriter, r *http.Request, _ web.Token) error {
	if err := p.form(r); err != nil {
		return err
	}
	words := p.words(r, "")
	if !p.forgettable() {
		return p.signInPage(w, r, http.StatusForbidden, words.SignIn.Off, nextOf(r.PostForm), "")
	}
	asked, from := strings.TrimSpace(r.PostFormValue("name")), p.from(r)
	if err := p.Book.slow.ask(p.Book.now(), from.Address, asked); err != nil {
		status, text := wrong(w, &words.SignIn, err)
		return p.signInPage(w, r, status, text, nextOf(r.PostForm), "")
	}
	if asked != "" && len(asked) <= maxName {
		if err := p.Mailer.Lost(r.Context(), strings.ToValidUTF8(asked, "")); err != nil {
			return fmt.Errorf("signin: a forgotten password: %w", err)
		}
	}
	p.Log.Info("somebody asked for another password", zap.String("name", cut(asked)), zap.String("address", from.Address))
	text := lang.Fill(words.Mail.AskedText, "n", strconv.Itoa(int(ForgottenFor/time.Minute)))
	return p.page(w, r, web.Token{}, http.StatusOK, "said", words.Mail.Asked, sheet{S: &words.SignIn, Body: said{words.Mail.Asked, text}})
}

// Loser is whom a name that was typed may be of, who can have another password by mail:
// one person, whose address nobody else has.
func (b *Book) Loser(asked string) (contacts.Person, bool) {
	who, ok := b.named(asked)
	if !ok || who.Email == "" || !b.Settings().Passwords {
		return contacts.Person{}, false
	}
	return b.only(func(p *contacts.Person) bool { return strings.EqualFold(p.Email, who.Email) })
}

// InviteAgain makes the address of a page on which a person sets another password, once.
// One that was made for the same id before works no longer.
func (p *Pages) InviteAgain(ctx context.Context, person, id string) (address string, until time.Time, err error) {
	token, made, err := p.Book.inviteAgain(ctx, person, id)
	if err != nil {
		return "", until, err
	}
	p.Log.Info("an invitation was made", zap.String("person", person), zap.String("by", byPage))
	return p.link(invitationPath(token, false)), made.Expires, nil
}

func (b *Book) inviteAgain(ctx context.Context, person, id string) (token string, made Invitation, err error) {
	if _, ok := b.person(person); !ok || !b.Settings().Passwords {
		return "", made, ErrNotFound
	}
	items, err := b.invitations.List(ctx)
	if err != nil {
		return "", made, fmt.Errorf("signin: invitations of %s: %w", person, err)
	}
	for i := range items {
		if items[i].Of.Person != person || items[i].Of.For != id {
			continue
		}
		if _, err := b.store.Write(ctx, records.House, b.invitations.Remove(items[i].Key, records.Any)); err != nil && !errors.Is(err, records.ErrConflict) {
			return "", made, fmt.Errorf("signin: invitations of %s: %w", person, err)
		}
	}
	made = Invitation{Person: person, By: byPage, For: id, Expires: records.Instant(b.now().Add(ForgottenFor))}
	return b.file(ctx, made)
}
