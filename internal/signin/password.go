package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// A password has at least so many characters, and at most so many bytes.
const (
	leastPassword = 12
	mostPassword  = ticket.MaxPassword
)

// Why a password is refused.
var (
	ErrShort  = errors.New("a password has 12 characters at least")
	ErrLong   = errors.New("a password has 1024 bytes at most")
	ErrCommon = errors.New("this password is one of the commonest")
)

// weak says why a password is refused, nil if it is not.
func weak(password string) error {
	switch {
	case len(password) > mostPassword:
		return ErrLong
	case utf8.RuneCountInString(password) < leastPassword:
		return ErrShort
	case common(password):
		return ErrCommon
	}
	return nil
}

// commonest begin or fill the passwords of twelve characters and longer that are
// tried first everywhere.
var commonest = strings.Fields(`
	123456789012 1234567890123 12345678901234 123456789123 1234567890ab 0123456789ab 012345678910 098765432109 111111111111 000000000000
	password password1 password12 password123 password1234 passw0rd motdepasse motdepasse1 motdepasse12 motdepasse123 qwertyuiop qwertyuiop12 qwertyuiop123 azertyuiop azertyuiop12 azertyuiop123
	qwerty123456 azerty123456 administrator administrateur amministratore changemeplease changeme1234 letmeinplease welcome12345 bienvenue123 benvenuto123
	iloveyou1234 jetaime12345 astreinte123 astreinte1234 1q2w3e4r5t6y qazwsxedcrfv abcdefghijkl abcdefghijklm abc123abc123 correcthorsebatterystaple
`)

// common reports whether a password is one of the commonest, whatever its case and
// what ends it, or one piece that is repeated.
func common(password string) bool {
	plain := strings.ToLower(strings.Join(strings.Fields(password), ""))
	bare := strings.TrimRight(plain, "!.?*#$@")
	for _, c := range commonest {
		if plain == c || bare == c {
			return true
		}
	}
	for n := 1; n <= 4 && n < len(plain); n++ {
		if strings.TrimLeft(strings.ReplaceAll(plain, plain[:n], ""), "") == "" {
			return true
		}
	}
	return false
}

// Try signs in by a password. browser is the token of a browser that has signed in
// before, empty if there is none; known is its new one. The error is ErrWrong whatever is wrong, *Slow
// if there were too many tries, ErrBusy.
func (b *Book) Try(ctx context.Context, name, password, mark string, from From) (session, person string, err error) {
	if !b.Settings().Passwords {
		return "", "", ErrOff
	}
	p, exists := b.named(name)
	before, err := b.cameBefore(ctx, mark)
	if err != nil {
		return "", "", err
	}
	pay, err := b.slow.charge(b.now(), from.Address, name, before, exists && before == p.Key)
	if err != nil {
		return "", "", err
	}
	if len(password) > mostPassword {
		password = "" // as long as nobody's
	}
	err = again(func() error {
		var was records.Item[account]
		if exists {
			if was, err = b.account(ctx, p.Key); err != nil {
				return err
			}
		} else if _, err = b.account(ctx, "nobody"); err != nil { // as much is asked for nobody
			return err
		}
		ok, err := b.hasher.verify(ctx, was.Of.Password, password)
		if err != nil {
			return err
		}
		if !ok || !exists {
			return ErrWrong
		}
		session, err = b.enter(ctx, p.Key, was, ByPassword, from, false)
		return err
	})
	switch {
	case err == nil:
		pay(true)
		return session, p.Key, nil
	case errors.Is(err, ErrWrong):
		return "", "", ErrWrong
	case errors.Is(err, ErrBusy):
		pay(true) // it was no try
		return "", "", ErrBusy
	}
	pay(true)
	return "", "", fmt.Errorf("signin: try a password: %w", err)
}

// Change sets another password of a person who knows the one that is in force, and ends
// the person's other sessions.
func (b *Book) Change(ctx context.Context, s Session, old, password string, from From) error {
	if !b.Settings().Passwords {
		return ErrOff
	}
	if err := weak(password); err != nil {
		return err
	}
	pay, err := b.slow.charge(b.now(), from.Address, s.Person, s.Key, true)
	if err != nil {
		return err
	}
	was, err := b.account(ctx, s.Person)
	if err != nil {
		return err
	}
	ok, err := b.hasher.verify(ctx, was.Of.Password, old)
	if err != nil {
		return err
	}
	if !ok {
		return ErrWrong
	}
	pay(true)
	hash, err := b.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	was.Of.Password, was.Of.Changed = hash, records.Instant(b.now())
	w, err := b.put(s.Person, was)
	if err == nil {
		_, err = b.store.Write(ctx, records.House, w)
	}
	if err == nil {
		_, err = b.end(ctx, func(who string) bool { return who == s.Person }, s.Key)
	}
	if err != nil {
		return fmt.Errorf("signin: change the password of %s: %w", s.Person, err)
	}
	return nil
}
