package mailin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/emersion/go-smtp"

	"github.com/astreinte/astreinte/ingest/mailin/letter"
	"github.com/astreinte/astreinte/internal/ticket"
)

// chunk is how much of a mail is read at once.
const chunk = 32 << 10

// Errors that a mail server hears.
var (
	errStopping = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "the daemon is being stopped: try again later"}
	errNobody   = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such address here"}
	errSender   = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "this address takes no mails of this sender"}
	errTooLarge = &smtp.SMTPError{Code: 552, EnhancedCode: smtp.EnhancedCode{5, 3, 4}, Message: "the mail is too large"}
	errBusy     = &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "there is no room for the mail now: try again later"}
	errSmuggled = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 5, 2}, Message: "a line with a dot alone has to begin and end with CRLF"}
	errLine     = &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: fmt.Sprintf("a line is longer than %d bytes", ticket.MaxMailLine)}
	errCut      = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 4, 2}, Message: "the mail did not come to its end: send it again"}
)

// reasons are what refusals are counted as.
var reasons = map[*smtp.SMTPError]string{
	errNobody: "receiver", errSender: "sender", errTooLarge: "size", errBusy: "memory", errSmuggled: "smuggling", errLine: "line", errCut: "cut", errStopping: "stopping",
}

// session is what one peer says between its greeting and its end.
type session struct {
	s    *Server
	peer *peer
	from string   // the sender on the envelope
	size int64    // the most that the mail may have
	to   []string // the sources of its receivers, each once
}

// session begins one (smtp.Backend).
func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	p := peerOf(c.Conn())
	if p == nil {
		return nil, errStopping
	}
	return &session{s: s, peer: p}, nil
}

func peerOf(c net.Conn) *peer {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	p, _ := c.(*peer)
	return p
}

// refuse counts why something was refused.
func (x *session) refuse(err *smtp.SMTPError, detail string) error {
	x.s.turnAway(reasons[err], detail, x.peer.from)
	return err
}

// Mail begins a mail (smtp.Session).
func (x *session) Mail(from string, o *smtp.MailOptions) error {
	x.Reset()
	x.from = from
	x.s.mu.Lock()
	stopping := x.s.stopping
	x.s.mu.Unlock()
	if stopping {
		return errStopping
	}
	x.size = x.s.settings.Load().MaxSize
	if o != nil && o.Size > x.size {
		return x.refuse(errTooLarge, fmt.Sprintf("%d bytes", o.Size))
	}
	return nil
}

// Rcpt adds a receiver (smtp.Session).
func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	settings := x.s.settings.Load()
	source := settings.sourceOf(to)
	switch {
	case source == "" || !x.s.o.House.TakesMail(source):
		return x.refuse(errNobody, to)
	case !settings.hears(to, x.from):
		return x.refuse(errSender, x.from)
	}
	if !slices.Contains(x.to, source) {
		x.to = append(x.to, source)
	}
	return nil
}

// Reset forgets a mail (smtp.Session).
func (x *session) Reset() { x.from, x.size, x.to = "", 0, nil }

// Logout ends the session (smtp.Session).
func (x *session) Logout() error { return nil }

// Data takes a mail (smtp.Session).
func (x *session) Data(r io.Reader) error {
	x.s.mails.Add(1)
	defer x.s.mails.Done()
	to := x.to
	if len(to) == 0 {
		return errNobody
	}
	taken := false
	end := x.peer.begin()
	defer func() { end(taken) }()
	room := x.s.o.House.MailRoom(to[0])
	defer room.End()
	k, err := x.read(r, room)
	if err != nil {
		for _, source := range to {
			x.s.o.House.NoMail(source, x.peer.from.String(), err.Code, err.Message)
		}
		return x.refuse(err, err.Message)
	}
	if err := x.deliver(to, k.Bytes()); err != nil {
		return err
	}
	taken = true
	return nil
}

// read reads a mail to its end, whatever is kept of it.
func (x *session) read(r io.Reader, room grower) (*letter.Keeper, *smtp.SMTPError) {
	var k letter.Keeper
	_, chunks := r.(*io.PipeReader) // BDAT
	d := dots{undotted: !chunks}
	var failed *smtp.SMTPError
	fail := func(err *smtp.SMTPError) {
		if failed == nil {
			failed = err
		}
	}
	data := make([]byte, chunk)
	if !room.Grow(chunk) {
		fail(errBusy)
	}
	for size := int64(0); ; {
		n, err := r.Read(data)
		size += int64(n)
		if size > x.size {
			fail(errTooLarge)
		}
		if size > 2*x.size+chunk {
			_ = x.peer.Close() // it does not stop by itself
			return nil, failed
		}
		if d.look(data[:n]); d.found {
			fail(errSmuggled)
		}
		if failed == nil && !room.Grow(int64(k.Len()+n)) {
			fail(errBusy)
		}
		if failed == nil {
			_, _ = k.Write(data[:n]) // it never fails
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, smtp.ErrTooLongLine):
			fail(errLine)
		case !errors.Is(err, io.EOF):
			fail(errCut)
		}
		if chunks && x.peer.cutOff() { // the library takes the end of a connection for that of a mail
			fail(errCut)
		}
		return &k, failed
	}
}

// grower is the memory of a mail.
type grower interface{ Grow(n int64) bool }

// deliver hands a mail to its sources. One that fails for now fails for all:
// the mail server sends the mail again, and for the others it is a repeat.
func (x *session) deliver(to []string, mail []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), mostWork)
	defer cancel()
	select {
	case x.s.turn <- struct{}{}:
		defer func() { <-x.s.turn }()
	case <-ctx.Done():
		return x.refuse(errBusy, "too many mails at once")
	}
	var failed *smtp.SMTPError
	for _, source := range to {
		d := x.s.o.House.Deliver(ctx, source, x.peer.from.String(), mail)
		if d.Ours {
			x.s.cameBack(source)
		}
		if d.Code < 400 || failed != nil && failed.Temporary() {
			continue
		}
		failed = &smtp.SMTPError{Code: d.Code, EnhancedCode: smtp.EnhancedCode{d.Code / 100, 3, 0}, Message: oneLine(d.Reason)}
	}
	if failed == nil {
		x.s.tookMail()
		return nil
	}
	if failed.Temporary() {
		x.s.turnAway("later", failed.Message, x.peer.from)
	} else {
		x.s.turnAway("mail", failed.Message, x.peer.from)
	}
	return failed
}
