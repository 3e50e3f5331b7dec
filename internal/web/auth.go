package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
)

// Token is an API token. Name stands in timelines and logs, Token is the
// secret; Role is admin, manager, technician or reader. A token of another
// role, or of an empty secret, lets nobody in. Person is the key of the person
// that it is bound to, empty if it is bound to nobody.
// Signed says that it stands for a session of that person: who acts by it is the
// person.
type Token struct {
	Name, Role, Token, Person string
	Signed                    bool

	scope  ticket.Scope // of grant
	deputy bool
}

// Scope is whose tickets whoever has the token sees. That of a token which no server
// found with a request is none.
func (t *Token) Scope() ticket.Scope { return t.scope }

// Sessions finds who is signed in.
type Sessions interface {
	// Session is the person whose session a request carries, with the person's
	// role; false if it carries none that is good. An error says that nobody
	// could be asked.
	Session(r *http.Request) (by Token, ok bool, err error)
}

// Rank is what the token may do.
func (t *Token) Rank() desk.Role { return t.role() }

// Actor is who acts by the token at the desk, for itself, by a way.
func (t *Token) Actor(via string) desk.Actor {
	who := ticket.Actor{Kind: ticket.ActorToken, Name: t.Name}
	if t.Signed {
		who = ticket.Actor{Kind: ticket.ActorPerson, Name: t.Person}
	}
	return desk.Actor{Actor: who, Role: t.role(), Via: via, Person: t.Person, Deputy: t.deputy, Scope: t.scope}
}

// called names the token in a refusal.
func (t *Token) called() string {
	if t.Signed {
		return strconv.Quote(t.Person) + ", who is signed in,"
	}
	return "the token " + strconv.Quote(t.Name)
}

// role is what a token may do.
type role = desk.Role

const (
	open       = desk.Nobody // no token is asked for
	reader     = desk.Reader
	technician = desk.Technician
	manager    = desk.Manager
	admin      = desk.Admin
)

var roleNames = [...]string{open: "", reader: "reader", technician: "technician", manager: "manager", admin: "admin"}

func (t *Token) role() role {
	for r, name := range roleNames {
		if r > int(open) && name == t.Role {
			return role(r)
		}
	}
	return open
}

// may returns a 403 if the token's role is not enough for what. or is who else may.
func (t *Token) may(needs role, what string, or ...string) error {
	if t.role() >= needs {
		return nil
	}
	article := "a"
	if needs == admin {
		article = "an"
	}
	return refusef(http.StatusForbidden, "forbidden", "%s is a %s's; %s needs %s %s's%s", t.called(), t.Role, what, article, roleNames[needs], strings.Join(or, ""))
}

// mayBe returns a 403 if the token may not do what for a person: a manager's
// may for anybody, any other for the person that it is bound to.
func (t *Token) mayBe(person, what string) error {
	if t.role() >= manager || (t.Person != "" && t.Person == person) {
		return nil
	}
	bound := "nobody"
	if t.Person != "" {
		bound = strconv.Quote(t.Person)
	}
	return refusef(http.StatusForbidden, "forbidden", "%s is a %s's and bound to %s; %s %q needs a manager's, or one that is bound to that person (api.tokens[].person)",
		t.called(), t.Role, bound, what, logged(person))
}

type hashedToken struct {
	Token
	hash [sha256.Size]byte
}

// SetTokens puts other API tokens in force, at once.
func (s *Server) SetTokens(list []Token) {
	hashed := make([]hashedToken, 0, len(list))
	for _, t := range list {
		if t.Token != "" && t.role() != open {
			hashed = append(hashed, hashedToken{Token{Name: t.Name, Role: t.Role, Person: t.Person}, sha256.Sum256([]byte(t.Token))})
		}
	}
	s.tokens.Store(&hashed)
}

// errNotSignedIn is of who has no session that is good.
var errNotSignedIn = refusef(http.StatusUnauthorized, "unauthorized", "nobody is signed in")

// signedIn finds whose session a request carries. An API token opens no page: it may
// be for the private address alone.
func (s *Server) signedIn(r *http.Request) (Token, error) {
	if s.sessions == nil {
		return Token{}, errNotSignedIn
	}
	by, ok, err := s.sessions.Session(r)
	if err != nil {
		return Token{}, fmt.Errorf("web: find a session: %w", err)
	}
	if !ok {
		return Token{}, errNotSignedIn
	}
	by.Signed = true
	s.grant(&by)
	return by, s.fromHere(r) // a browser sends its cookie whoever's page asks
}

// authenticate finds the caller's token, in a time that does not tell which
// ones there are.
func (s *Server) authenticate(r *http.Request) (Token, error) {
	secret, ok := bearer(r)
	if !ok {
		if by, err := s.signedIn(r); by.Signed || !errors.Is(err, errNotSignedIn) {
			return by, err
		}
	}
	if !ok {
		return Token{}, refusef(http.StatusUnauthorized, "unauthorized", "an API token is needed: Authorization: Bearer TOKEN")
	}
	hash := sha256.Sum256([]byte(secret))
	var found *Token
	for _, t := range *s.tokens.Load() {
		if subtle.ConstantTimeCompare(hash[:], t.hash[:]) == 1 {
			found = &t.Token
		}
	}
	if found == nil {
		return Token{}, refusef(http.StatusUnauthorized, "unauthorized", "this API token is not known")
	}
	by := *found
	s.grant(&by)
	return by, nil
}

// grant says what the configuration in force gives to the person of a token. One whom it
// does not know any more sees nothing.
func (s *Server) grant(t *Token) {
	if t.scope, t.deputy = ticket.Everything(), false; t.Person == "" {
		return
	}
	rules := s.engine.Rules()
	t.scope, t.deputy = ticket.Limited(t.Person), t.Person == rules.Desk.Deputy
	if p, known := rules.Directory.Person(t.Person); known {
		t.scope = desk.ScopeOf(&p)
	}
}
