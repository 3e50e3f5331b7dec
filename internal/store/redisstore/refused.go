package redisstore

import (
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"
)

// ErrRefused says that a server answers, but does not let us in, or refuses
// something that we need. errors.Is finds it.
var ErrRefused = errors.New("the server refuses us")

// refusal says in plain words why a server refuses. It holds no secret.
type refusal struct {
	why string
	err error
}

// Error says what to look at, and what the server said.
func (e *refusal) Error() string { return e.why + " (it says: " + e.err.Error() + ")" }

// Unwrap is the server's own error.
func (e *refusal) Unwrap() error { return e.err }

// Is makes errors.Is(err, ErrRefused) hold.
func (*refusal) Is(target error) bool { return target == ErrRefused }

// refusals are the words of servers, and what they mean.
var refusals = []struct{ prefix, means string }{
	{"WRONGPASS", " refuses the password, or the user does not exist or is off: correct the user and secret in `store`"},
	{"NOAUTH", " wants a password, and was given none: put one into `store`"},
	{"NOPERM", " does not let its user do what the daemon needs: give the user all commands and the keys astreinte:*"},
	{"AUTH <password> called without", " has no password, and was given one: set one there, or take it out of `store`"},
	{"Client sent AUTH, but no password is set", " has no password, and was given one: set one there, or take it out of `store`"},
}

// explain puts a refusal into plain words. It leaves any other error as it is.
func explain(err error) error {
	if errors.Is(err, ErrRefused) {
		return err
	}
	for _, r := range refusals {
		if !redis.HasErrorPrefix(err, r.prefix) {
			continue
		}
		who := "server"
		if strings.Contains(err.Error(), "sentinels specified") {
			who = "sentinel"
		}
		means := "the " + who + r.means
		if who == "sentinel" {
			means = strings.Replace(means, "`store`", "`store`: sentinel_user and sentinel_password", 1)
		}
		return &refusal{means, err}
	}
	return err
}
