// Package twilio sends pages as SMS through Twilio's Messages API and takes
// what comes back: texts from phones and receipts of deliveries.
//
// The tour: [New] makes the [Sender], a paging.Channel. send.go fills in an
// order and reads the answer. call.go is the HTTP call under Twilio's own
// client, which by itself knows neither contexts nor Retry-After. class.go has
// the one table that says what each of Twilio's codes means for a page.
// [Handler] serves Twilio's webhooks. signature.go checks who sent them.
// sms.go hands texts to the paging.Listener and writes its reply as TwiML.
// status.go hands receipts to it.
//
// A page is sent at least once. Messages has no idempotency key, so the outbox
// gives an order again if its answer was lost. Receipts find the page all the
// same, by the key in the callback's address.
package twilio
