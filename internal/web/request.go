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
		return badField(strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`), "there is no such field")
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
		return p, fmt.Errorf("nobody is named %q", key)
	}
	return p, nil
}

// actor is who acts: the person where the request names one, else the token.
func (s *Server) actor(by Token, person string) (ticket.Actor, error) {
	if person == "" {
		return ticket.Actor{Kind: ticket.ActorToken, Name: by.Name}, nil
	}
	p, err := s.person(person)
	if err != nil {
		return ticket.Actor{}, badField("person", "%s", err)
	}
	return ticket.Actor{Kind: ticket.ActorPerson, Name: p.Key}, nil
}

// wantsJSON reports whether the caller asks for JSON rather than a page.
func wantsJSON(r *http.Request) bool {
	return strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "application/json")
}
