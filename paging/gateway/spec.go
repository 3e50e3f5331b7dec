package gateway

import "net/netip"

// Spec describes a gateway. It holds no secret: templates and [Auth] name
// secrets of [Config]. [Spec.Check] says what is wrong with it.
type Spec struct {
	Request  Request
	Accepted Accepted
	// ID is a jq expression on an accepted answer: the gateway's own id of the
	// message. Empty, or null: there is none, and receipts must name the page.
	ID      string
	Error   Error
	Refused []Refusal // the first that fits an answer gives the class
	// NoLinks leaves our link out of texts: some gateways refuse a text with an
	// address in it.
	NoLinks bool
	// Unicode says that a text may have letters outside GSM-7. Templates see by
	// .Unicode that this text has some.
	Unicode  bool
	Receipts *Receipts // nil: the gateway sends none
	Replies  *Replies  // nil: phones cannot answer
}

// Request sends one message. URL, the values of Headers, and Body are
// templates. Those of Headers see the finished request. (docs/OPERATIONS.md
// lists what each sees.)
type Request struct {
	Method      string // GET or POST
	URL         string
	Headers     map[string]string
	Body        string
	ContentType string // of Body; if it ends in "json", Body must be JSON
}

// Accepted says which answers mean that the gateway has the message.
type Accepted struct {
	Status []int  // empty: every 2xx
	When   string // a jq expression on the answer that must hold; empty: always
	Sample string // an answer that must be accepted; empty: not tried
}

// Error says where an answer that is not accepted gives its reason, as jq
// expressions.
type Error struct {
	Code string // empty, or null: the HTTP status
	Text string // empty, or null: the whole answer
}

// Refusal gives a class to the answers that fit it. Status or When is given;
// if both are, both must fit.
type Refusal struct {
	Status []int
	When   string // jq, on the answer; $status is the HTTP status
	Class  string // dead_address, dead_account, filtered, transient or unknown
}

// Webhook is the part that receipts and replies have in common.
type Webhook struct {
	Auth   Auth
	Method string // GET or POST
	// Format says in which form the fields come: query, form or json.
	Format string
	// Each is a jq expression that yields one value for each receipt or text, if
	// a request may hold several; empty: a request is one.
	Each   string
	Answer Answer
	Sample string // a query, form or JSON that must be understood; empty: not tried
}

// Answer is what the gateway gets once a request was dealt with.
type Answer struct {
	Status      int    // 0: 200
	ContentType string // of Body; empty: text/plain
	Body        string // a template for a reply in the answer, otherwise a text
}

// Auth says how the gateway shows who it is. At most one of Token, Basic and
// HMAC is given; each names a secret. Networks may be given with one of them,
// or alone.
type Auth struct {
	Token  string // sent as it is, in the query or header of this name:
	Query  string
	Header string // also for an HMAC
	Basic  string // "user:password"
	HMAC   string // the key of an HMAC of the body, sent in Header

	Algorithm string // of the HMAC: sha256 (also if empty), sha1 or sha512
	Encoding  string // of the HMAC: hex (also if empty) or base64
	Prefix    string // before the HMAC in Header, such as "sha256="

	Networks []netip.Prefix // where requests may come from; empty: from anywhere
}

// Receipts are what the gateway reports later about a message. The expressions
// see the request's fields, and those of its query as $query.
type Receipts struct {
	Webhook
	ID    string // the gateway's id of the message
	Ref   string // the request's .Ref, if the gateway gives it back; empty: it does not
	State string // sent, delivered, undelivered or failed; anything else is no news
	Class string // why it failed, as in Refusal; empty, or null: transient
	Error string // the reason, with its code
}

// Ways to send a reply.
const (
	ReplyBySMS    = "sms"    // as a message
	ReplyByAnswer = "answer" // in the answer to the request, by Answer.Body
	ReplyNone     = "none"
)

// Replies are what phones answer. Numbers may come with +, with 00 or without
// either.
type Replies struct {
	Webhook
	ID    string // of the text; empty: each text counts as new
	From  string
	To    string
	Text  string
	Reply string // ReplyBySMS (also if empty), ReplyByAnswer or ReplyNone
}
