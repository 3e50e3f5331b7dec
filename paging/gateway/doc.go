// Package gateway sends SMS through any provider with an HTTP API, which the
// configuration describes: no code is written for it.
//
// A [Spec] is that description: the request as text/template (method, address,
// headers, body), what of an answer counts as accepted and what as which kind
// of refusal, and how receipts and replies come back, as jq expressions.
// [Spec.Check] tries all of it with sample values before it is needed.
//
// [New] makes the [Sender], a paging.Channel; [NewHandler] takes in what the
// gateway sends back, at /sms/NAME/receipt and /sms/NAME/reply.
package gateway
