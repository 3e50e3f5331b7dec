// Package twilio sends pages as SMS through Twilio's Messages API and takes
// what comes back: texts from phones and receipts of deliveries.
//
// The tour: [New] makes the [Sender], a paging.Channel. send.go fills in an
// order and reads the answer; call.go is the HTTP call under Twilio's own
// client, which by itself would know neither contexts nor Retry-After; class.go
// is the one table that says what each of Twilio's codes means for a page.
// [Handler] serves Twilio's webhooks: signature.go says who speaks, sms.go
// hands texts to the paging.Listener and writes its reply as TwiML, status.go
// does the same for receipts.
//
// A page is sent at least once: Messages has no idempotency key, so an order
// whose answer was lost is given again by the outbox. Its receipts find the
// page all the same, by the key in the callback's address.
package twilio
