package ingest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	hexadecimal "encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// order is what a request wants done to an alert.
type order struct {
	path   string // the last part of its path; empty: the alert's own
	method string
	name   string // in the answer about the request
	done   string // … if it was done
	kind   orderKind
}

type orderKind int8

// What the orders come to. Of those that are only noted the timeline has a
// line; what they ask for is for people here.
const (
	orderCreates orderKind = iota
	orderResolves
	orderTakes
	orderNotes
	orderNoted
	orderNothing
)

// orders are the orders of Opsgenie's API. Their places are a part of the ids
// of requests: a new one comes last.
var orders = []order{
	{"", http.MethodPost, "Create", "Created alert", orderCreates},
	{"close", http.MethodPost, "Close", "Closed alert", orderResolves},
	{"acknowledge", http.MethodPost, "Acknowledge", "Acknowledged alert", orderTakes},
	{"notes", http.MethodPost, "AddNote", "Added note to alert", orderNotes},
	{"", http.MethodDelete, "Delete", "Closed alert", orderResolves},
	{"unacknowledge", http.MethodPost, "UnAcknowledge", "", orderNoted},
	{"snooze", http.MethodPost, "Snooze", "", orderNoted},
	{"escalate", http.MethodPost, "EscalateToNext", "", orderNoted},
	{"assign", http.MethodPost, "AssignOwnership", "", orderNoted},
	{"responders", http.MethodPost, "AddResponder", "", orderNoted},
	{"actions", http.MethodPost, "ExecuteCustomAction", "", orderNoted},
	{"message", http.MethodPut, "UpdateMessage", "", orderNothing},
	{"description", http.MethodPut, "UpdateDescription", "", orderNothing},
	{"priority", http.MethodPut, "UpdatePriority", "", orderNothing},
	{"tags", http.MethodPost, "AddTags", "", orderNothing},
	{"tags", http.MethodDelete, "RemoveTags", "", orderNothing},
	{"details", http.MethodPost, "AddDetails", "", orderNothing},
	{"details", http.MethodDelete, "RemoveDetails", "", orderNothing},
}

// hearGenie hears a request to Opsgenie's API.
func hearGenie(c *call) (said, error) {
	rest, id, err := c.place()
	method := c.r.Method
	switch {
	case err != nil:
		return said{}, err
	case method == http.MethodGet && strings.HasPrefix(rest, "requests/"):
		return c.hearRequest(strings.TrimPrefix(rest, "requests/"))
	case method == http.MethodGet && rest == "":
		return c.hearList()
	case method == http.MethodGet && rest == "count" && !c.r.URL.Query().Has("identifierType"):
		return c.hearCount()
	case method == http.MethodGet && rest != "" && !strings.Contains(rest, "/"):
		return c.hearAlert(id)
	}
	known := false
	for i, o := range orders {
		if o.path == id.order && (id.of != "") == (o.kind != orderCreates) {
			if known = true; o.method == method {
				return c.hearOrder(byte(i), id)
			}
		}
	}
	if known {
		return said{}, &misuse{status: http.StatusMethodNotAllowed, message: "The method is not supported at this path"}
	}
	return said{}, &misuse{status: http.StatusNotFound, message: "There is nothing at this path"}
}

// namedAlert is the alert that a path names, and the last part of the path.
type namedAlert struct{ of, order string }

// place takes a path apart. A slash within an alias may stand as it is.
func (c *call) place() (rest string, id namedAlert, err error) {
	_, rest, _ = strings.Cut(c.r.URL.EscapedPath(), "/v2/alerts")
	rest = strings.Trim(rest, "/")
	of, order := rest, ""
	if i := strings.LastIndexByte(rest, '/'); i >= 0 {
		of, order = rest[:i], rest[i+1:]
	}
	if id.of, err = url.PathUnescape(of); err != nil {
		return rest, id, &misuse{status: http.StatusBadRequest, message: "The path is not escaped right"}
	}
	id.order = order
	return rest, id, nil
}

// identified is the id of the alert that a path names, and how the path names
// it. Opsgenie reads an id if nothing is said; an alias is taken for one then
// too. alone says that a tiny id which means several alerts means none.
func (c *call) identified(of string, alone bool) (alias, id string, err error) {
	switch kind := c.r.URL.Query().Get("identifierType"); kind {
	case "", "id", "alias":
		return of, alertID(of), nil
	case "tiny":
		id, err = c.numbered(of, alone)
		return of, id, err
	default:
		return "", "", &misuse{status: http.StatusUnprocessableEntity, faults: []fault{
			{"identifierType", "Identifier type should be one of [id, alias, tiny]."},
		}}
	}
}

func (c *call) hearOrder(number byte, at namedAlert) (s said, err error) {
	o := &orders[number]
	g, err := readGenie(c.body)
	if err == nil && o.kind == orderCreates {
		err = g.check()
	} else if err == nil {
		err = g.faulty()
	}
	if err != nil {
		return s, err
	}
	var alias, id string
	if o.kind == orderCreates {
		alias, id = g.named()
		s.parsed = g.parsed(alias, id)
	} else {
		if alias, id, err = c.identified(at.of, o.kind == orderResolves); err != nil {
			return s, err
		}
		s.Alerts = g.order(o, id, c.began)
	}
	s.answer = func(c *call, t Taken) int {
		return c.accepted(outcome{order: number, alert: id, alias: alias, result: o.result(t)})
	}
	return s, nil
}

// order is what the engine takes of an order on a known alert.
func (g *genie) order(o *order, id string, now time.Time) []ticket.Alert {
	if id == "" || o.kind == orderNothing {
		return nil
	}
	a := ticket.Alert{Fingerprint: id}
	remark := &ticket.Remark{Kind: ticket.RemarkNoted, By: g.user, What: o.path, Text: g.remark}
	switch o.kind {
	case orderResolves:
		a.Status, a.EndsAt = ticket.Resolved, now
		if g.remark != "" {
			a.Remark = remark
		}
	case orderTakes:
		remark.Kind = ticket.RemarkTaken
		a.Remark = remark
	default:
		a.Remark = remark
	}
	a.Bound(0)
	return []ticket.Alert{a}
}

// result says what became of an order.
func (o *order) result(t Taken) result {
	switch {
	case o.kind == orderCreates, t.Later:
		return resultDone
	case o.kind == orderNoted, o.kind == orderNothing:
		return resultNotOurs
	case len(t.Tickets) == 0:
		return resultUnknown
	}
	return resultDone
}

// result is what became of a request.
type result byte

const (
	resultDone    result = iota
	resultUnknown        // no open alert is of that name
	resultNotOurs        // this daemon does not do that
)

// outcome is what became of a request. Its id says all of it, so that any
// daemon can be asked, at any time, and nothing need be kept.
type outcome struct {
	order  byte // its place among orders
	result result
	at     time.Time
	alert  string // its id; empty: none
	alias  string
}

const (
	longestAliasInID = ticket.MaxGenieAlias // an alias that is longer is left out of a request's id
	outcomeBytes     = 3 + 8 + 16
	markBytes        = 16
)

// requestID is the id of the request that had this outcome. The source's token
// signs it.
func (s *Source) requestID(o outcome) string {
	b := make([]byte, 0, outcomeBytes+longestAliasInID+markBytes)
	b = append(b, 1, o.order, byte(o.result))                   // 1 is the form's version
	b, _ = binary.Append(b, binary.BigEndian, o.at.UnixMilli()) // of a number: it cannot fail
	var id [16]byte
	_, _ = hexadecimal.Decode(id[:], []byte(strings.ReplaceAll(o.alert, "-", ""))) // an id is 16 bytes in hexadecimal, or empty
	b = append(b, id[:]...)
	if len(o.alias) <= longestAliasInID {
		b = append(b, o.alias...)
	}
	return base64.RawURLEncoding.EncodeToString(s.sign(b))
}

// sign appends a mark that only holders of the source's token can make.
func (s *Source) sign(b []byte) []byte {
	key := sha256.Sum256([]byte("request id\x00" + s.Token))
	mac := hmac.New(sha256.New, key[:])
	_, _ = mac.Write(b)
	return append(b, mac.Sum(nil)[:markBytes]...)
}

// outcomeOf reads a request's id. It is false if it is no id of this source's.
func (s *Source) outcomeOf(id string) (o outcome, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(id)
	if err != nil || strings.ContainsAny(id, "\r\n") || len(b) < outcomeBytes+markBytes || len(b) > outcomeBytes+longestAliasInID+markBytes || b[0] != 1 {
		return o, false
	}
	text := b[:len(b)-markBytes]
	if !hmac.Equal(b, s.sign(append([]byte(nil), text...))) || int(text[1]) >= len(orders) {
		return o, false
	}
	var at int64
	if _, err := binary.Decode(text[3:11], binary.BigEndian, &at); err != nil {
		return o, false
	}
	o = outcome{order: text[1], result: result(text[2]), at: time.UnixMilli(at).UTC(), alert: uuid(text[11:27]), alias: string(text[27:])}
	if [16]byte(text[11:27]) == [16]byte{} {
		o.alert = ""
	}
	return o, true
}
