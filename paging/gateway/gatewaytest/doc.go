// Package gatewaytest stands in for two real SMS gateways, as their own
// documentation describes them: [OVH] is OVHcloud's SMS API, [Vonage] the SMS
// API of Vonage. Each answers the daemon's orders, checks what the real one
// checks (the signature and its timestamp, the parameters, the numbers), keeps
// the texts, and sends receipts and replies to the daemon when it is told to.
//
// Both are http.Handlers, so they serve a listener or, by phonetest.Transport,
// a synctest bubble. Comments mark the error answers that the documentation
// does not show.
package gatewaytest
