package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/ticket"
)

// readJSON reads a request's body into into; an empty body leaves it as it is.
// Unknown fields are errors: a misspelt one must not be lost silently.
func readJSON(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			return refusef(http.StatusBadRequest, "bad_request", "the body goes on after its JSON object")
		}
	}
	var large *http.MaxBytesError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &large):
		return err
	case errors.As(err, &wrong) && wrong.Field != "":
		return badField(wrong.Field, "a %s is wanted, not a %s", wrong.Type, wrong.Value)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		field := strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)
		return badField(logged(field), "there is no such field")
	}
	return refusef(http.StatusBadRequest, "bad_request", "the body is no JSON object: %s", strings.TrimPrefix(err.Error(), "json: "))
}

// viaHeader is how the command line says that a person typed.
const viaHeader = "X-Astreinte-Via"

func via(r *http.Request) (string, error) {
	switch v := r.Header.Get(viaHeader); v {
	case "":
		return "api", nil
	case "cli":
		return v, nil
	default:
		return "", badField(viaHeader, "only cli can be said here")
	}
}

// person finds the person that a request names.
func (s *Server) person(key string) (contacts.Person, error) {
	p, ok := s.engine.Rules().Directory.Person(key)
	if !ok {
		return p, fmt.Errorf("nobody is named %q", logged(key))
	}
	return p, nil
}

// logged is as much of a foreign text as an answer, or a line of the log, says.
func logged(text string) string { return ticket.Cut(text, ticket.MaxLogged) }

// within refuses a field that is longer than what is kept of it: whoever typed
// it is there to say it shorter.
func within(field, text string, limit int) error {
	if len(text) > limit {
		return badField(field, "%d bytes at most, not %d", limit, len(text))
	}
	return nil
}

// actor is who acts: the person if the request names one whom the token may
// act for, with the token beside it, else the token.
func (s *Server) actor(by Token, person string) (ticket.Actor, error) {
	if person == "" {
		return by.Actor("").Actor, nil
	}
	if err := by.mayBe(person, "acting as"); err != nil {
		return ticket.Actor{}, err
	}
	p, err := s.person(person)
	if err != nil {
		return ticket.Actor{}, badField("person", "%s", err)
	}
	who := ticket.Actor{Kind: ticket.ActorPerson, Name: p.Key, Token: by.Name}
	if by.Signed && p.Key == by.Person {
		who.Token = ""
	}
	return who, nil
}

// wantsJSON reports whether the caller asks for JSON rather than a page.
func wantsJSON(r *http.Request) bool {
	return strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "application/json")
}
