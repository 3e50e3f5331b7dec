// Package passkey signs people in by passkeys (Web Authentication Level 3):
// discoverable credentials that have verified their person.
//
// A [Keys] has both ceremonies, adding a passkey and signing in by one. Each
// begins with a challenge and with something that the browser keeps; the
// challenge is made of that and of a key that the daemons of a store share, so
// that it counts in that browser alone, for five minutes, for what it was asked
// for. Nothing is stored for who only begins. A challenge that was answered well
// is kept until it would be too old, and counts only once.
//
// Passkeys belong to the host of public_url. They are records of the house.
package passkey
