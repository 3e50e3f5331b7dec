// Package phonetest is a stand-in for the providers that carry pages. It is one
// in-memory World of phones behind three HTTP faces: Twilio's Messages API, FCM
// HTTP v1 and the push service of browsers (RFC 8030). The faces answer as the
// providers' documentation says, errors included. A test speaks in phones and
// never sees the wire:
//
//	w := phonetest.New(phonetest.Options{PublicURL: "https://astreinte.example.net", Daemon: daemonURL})
//	alice := w.Phone("alice", "+33612345601")
//	page := alice.ExpectSMS(t, "HostDown")
//	reply := page.Reply(t, page.Code()+" OK")
//
// The tour: twilio.go, fcm.go and webpush.go are the faces. oauth.go is FCM's
// token endpoint and the service account that fits it. subscription.go holds
// the phones' browsers; aes128gcm.go reads a push as a browser does. The faces
// share settle.go: it refuses an order, loses it or carries it to its phone.
// receipt.go and inbound.go are the way back: signed status callbacks and
// texts. fault.go is what can go wrong on command. phone.go, message.go and
// expect.go are the language of the tests. server.go and transport.go serve the
// faces on a loopback listener or, for testing/synctest bubbles, without any
// socket.
//
// The package is part of the demo as well, so it imports neither testing nor
// any other package of the project; TB is what it needs of a *testing.T.
package phonetest
