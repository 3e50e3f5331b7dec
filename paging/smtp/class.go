package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/astreinte/astreinte/paging"
)

// place is where in the dialogue an answer came.
type place int8

const (
	atGreeting place = iota // before any mail: the greeting, EHLO, STARTTLS, AUTH
	atFrom                  // MAIL FROM
	atTo                    // RCPT TO
	atText                  // DATA, and the text up to its end
	atEnd                   // after its end: the server may have it
)

// classes says what a code in the five hundreds means where it comes; one in the four
// hundreds is always Transient.
var classes = map[place]paging.Class{
	atGreeting: paging.DeadAccount, // it does not let us in
	atFrom:     paging.DeadAccount, // it takes nothing from us
	atTo:       paging.DeadAddress,
	atText:     paging.Filtered,
	atEnd:      paging.Filtered, // it has read the text, and refuses it
}

// ours are codes that are about us wherever they come: it wants a password, or another.
var ours = map[int]bool{530: true, 534: true, 535: true, 538: true}

// classOf sorts an answer.
func classOf(at place, code int) paging.Class {
	switch {
	case code >= 400 && code < 500:
		return paging.Transient
	case ours[code]:
		return paging.DeadAccount
	case code >= 500 && code < 600:
		return classes[at]
	case at == atEnd:
		return paging.OutcomeUnknown
	}
	return paging.Transient // the connection ended, or what came was no answer
}

// greeted sorts what went wrong before the mail server was told of the mail.
func greeted(err error, l *Letter) paging.Result {
	r := paging.Result{Known: true, Detail: quoted(err, l)}
	var said *textproto.Error
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &said):
		r.Class, r.Code = classOf(atGreeting, said.Code), strconv.Itoa(said.Code)
	case errors.As(err, &cert):
		r.Class, r.Code = paging.DeadAccount, "certificate"
	case errors.As(err, &record):
		r.Class, r.Code = paging.DeadAccount, "no_tls"
	case broken(err):
		r.Class, r.Code = paging.Transient, brokenCode(err)
	default: // it lacks STARTTLS, or every way to say a password that we have
		r.Class, r.Code = paging.DeadAccount, "unable"
	}
	return r
}

// sent sorts what became of a mail that the server was told of.
func sent(err error, delivered bool, l *Letter) paging.Result {
	if delivered {
		return paging.Result{Class: paging.Accepted}
	}
	if err == nil {
		return paging.Result{Class: paging.OutcomeUnknown, Code: "unclear", Known: true}
	}
	r := paging.Result{Known: true, Detail: quoted(err, l)}
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		r.Class, r.Code = paging.Transient, "network"
		return r
	}
	at, code := placeOf(failed.Reason), failed.ErrorCode()
	r.Class, r.Code = classOf(at, code), strconv.Itoa(code)
	r.TooFast = r.Class == paging.Transient && at == atTo && code > 0 // the server works: it is this mailbox, or greylisting
	switch {
	case code > 0:
	case r.Class == paging.OutcomeUnknown:
		r.Code = "unclear"
	case strings.Contains(r.Detail, "timeout"):
		r.Code = "timeout"
	default:
		r.Code = "network"
	}
	return r
}

func placeOf(reason gomail.SendErrReason) place {
	switch reason {
	case gomail.ErrSMTPMailFrom, gomail.ErrGetSender, gomail.ErrConnCheck:
		return atFrom
	case gomail.ErrSMTPRcptTo, gomail.ErrGetRcpts:
		return atTo
	case gomail.ErrSMTPData, gomail.ErrWriteContent, gomail.ErrNoUnencoded:
		return atText
	default:
		return atEnd
	}
}

// broken says that the connection failed, and that no answer came.
func broken(err error) bool {
	var network net.Error
	var op *net.OpError
	var garbled textproto.ProtocolError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.As(err, &network) || errors.As(err, &op) || errors.As(err, &garbled)
}

func brokenCode(err error) string {
	var network net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout() {
		return "timeout"
	}
	return "network"
}

// quoted is what a mail server said, without the address: it stands in logs, and on
// tickets that others read.
func quoted(err error, l *Letter) string {
	text, _, _ := strings.Cut(err.Error(), ", affected ")
	return paging.Quote(text, l.To)
}
