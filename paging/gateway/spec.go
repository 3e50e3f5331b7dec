package gateway

import "net/netip"

// Spec describes a gateway. It holds no secret: templates and [Auth] name
// those of [Config]. [Spec.Check] says what is wrong with it.
type Spec struct {
	Request  Request
	Accepted Accepted
	// ID is a jq expression on an accepted answer: the gateway's own id of the
	// message. Empty, or null: it gives none, and receipts must name the page.
	ID      string
	Error   Error
	Refused []Refusal // the first that fits an answer gives its class
	// NoLinks says that texts are written without our link: some gateways refuse
	// one with an address in it.
	NoLinks bool
	// Unicode says that a text may have other letters than GSM-7 has; templates
	// see by .Unicode that this one does.
	Unicode  bool
	Receipts *Receipts // nil: the gateway sends none
	Replies  *Replies  // nil: phones cannot answer
}

// Request is what sends one message. URL, the values of Headers, and Body are
// templates; those of Headers see the finished request (docs/OPERATIONS.md
// lists what each sees).
type Request struct {
	Method      string // GET or POST
	URL         string
	Headers     map[string]string
	Body        string
	ContentType string // of Body; a text that ends in "json" is checked to be JSON
}

// Accepted says which answers mean that the gateway has the message.
type Accepted struct {
	Status []int  // empty: every 2xx
	When   string // a jq expression on the answer that must hold; empty: always
	Sample string // an answer that must be accepted; empty: not tried
}

// Error says where an answer that is not accepted names its reason, as jq
// expressions.
type Error struct {
	Code string // empty, or null: the HTTP status
	Text string // empty, or null: the whole answer
}

// Refusal gives the answers that fit it a class. One of Status and When is
// given; where both are, both must fit.
type Refusal struct {
	Status []int
	When   string // jq, on the answer; $status is the HTTP status
	Class  string // dead_address, dead_account, filtered, transient or unknown
}

// Webhook is what receipts and replies have in common.
type Webhook struct {
	Auth   Auth
	Method string // GET or POST
	// Format is how the fields come: query, form or json.
	Format string
	// Each is a jq expression that yields one value a receipt or text, where a
	// request may hold several; empty: the request is one.
	Each   string
	Answer Answer
	Sample string // a request's query, form or JSON that must be understood; empty: not tried
}

// Answer is what the gateway is told when a request was dealt with.
type Answer struct {
	Status      int    // 0: 200
	ContentType string // of Body; empty: text/plain
	Body        string // a template for a reply that is an answer, else a text
}

// Auth says how the gateway shows who it is. Token, Basic and HMAC name one of
// the secrets; at most one of them is given, and Networks may be given beside
// or alone.
type Auth struct {
	Token  string // is sent as it is, in the query or header of this name:
	Query  string
	Header string // also of an HMAC
	Basic  string // "user:password"
	HMAC   string // keys an HMAC of the body, sent in Header

	Algorithm string // of the HMAC: sha256 (also where empty), sha1 or sha512
	Encoding  string // of the HMAC: hex (also where empty) or base64
	Prefix    string // before the HMAC in Header, such as "sha256="

	Networks []netip.Prefix // where requests may come from; empty: anywhere
}

// Receipts are what the gateway tells of a message later on. The expressions
// see the request's fields, and those of its query as $query.
type Receipts struct {
	Webhook
	ID    string // the gateway's id of the message
	Ref   string // what a request's .Ref was, where the gateway gives it back; empty: it does not
	State string // sent, delivered, undelivered or failed; anything else is no news
	Class string // why it failed, as in Refusal; empty, or null: transient
	Error string // the reason, with its code
}

// Ways to send a reply back.
const (
	ReplyBySMS    = "sms"    // as a message of its own
	ReplyByAnswer = "answer" // in the answer to the request, by Answer.Body
	ReplyNone     = "none"
)

// Replies are what phones answer. Numbers may come with +, with 00 or bare.
type Replies struct {
	Webhook
	ID    string // of the text, to know it again; empty: each counts as new
	From  string
	To    string
	Text  string
	Reply string // ReplyBySMS (also where empty), ReplyByAnswer or ReplyNone
}
