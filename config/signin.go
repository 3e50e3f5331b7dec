package config

import "time"

// SignIn is how people sign in to the console.
type SignIn struct {
	Passwords bool
	Passkeys  bool
	Session   time.Duration // how long one lasts without a request
}

func (r *reader) signIn(v value) SignIn {
	t := v.table()
	s := SignIn{
		Passwords: t.get("passwords").flag(true),
		Passkeys:  t.get("passkeys").flag(true),
		Session:   t.get("session").duration(DefaultSession, positive),
	}
	t.refuse(notYet, "oidc")
	t.done()
	return s
}
