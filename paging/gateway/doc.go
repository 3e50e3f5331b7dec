// Package gateway sends SMS through any provider with an HTTP API, which the
// configuration describes: no code is written for it.
//
// A [Spec] is that description. It has the request as text/template (method,
// address, headers, body). Its jq expressions say which answers count as
// accepted, which refusal an answer is, and how receipts and replies come
// back. [Spec.Check] tries all of it with sample values before it is needed.
//
// [New] makes the [Sender], a paging.Channel; [NewHandler] takes in what the
// gateway sends back, at /sms/NAME/receipt and /sms/NAME/reply.
package gateway
