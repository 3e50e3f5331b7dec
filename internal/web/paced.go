package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Who reads a long answer holds what it is made of: while a backup is read the store
// cannot use the room that becomes free, and closed tickets stay in it. So a reader takes
// paceRate bytes a second at least, after paceGrace to begin, and an answer ends after
// paceMost, however much has come. Only the time counts against the rate in which the
// reader is waited for, not that in which we read.
const (
	paceGrace = 30 * time.Second
	paceRate  = 64 << 10
	paceMost  = 12 * time.Hour
)

// pacePart is after how many bytes a reader's pace is looked at.
const pacePart = 16 << 10

// Errors of a reader.
var (
	// ErrSlow: a reader took too little for too long.
	ErrSlow = errors.New("its reader is too slow")
	// ErrLong: a reader took all the time that there is for an answer.
	ErrLong = errors.New("it takes too long")
)

// Pace makes the pace at which somebody reads a long answer, until end, which ends what
// the context is used for. A reader who has gone, is too slow or takes too long ends the
// context: what writes to the answer fails, and so does what the answer is made of.
func Pace(r *http.Request, w http.ResponseWriter) (ctx context.Context, out io.Writer, end func()) {
	p, end := newPaced(r.Context(), w)
	return p.ctx, p, end
}

// paced is an answer whose reader must go on reading.
type paced struct {
	ctx     context.Context //nolint:containedctx // it is the answer's
	cancel  context.CancelCauseFunc
	w       io.Writer
	waited  time.Duration
	written int64
}

func newPaced(ctx context.Context, w io.Writer) (p *paced, end func()) {
	ctx, stop := context.WithTimeoutCause(ctx, paceMost, ErrLong)
	ctx, cancel := context.WithCancelCause(ctx)
	return &paced{ctx: ctx, cancel: cancel, w: w}, func() { cancel(nil); stop() }
}

// Write implements io.Writer. That a reader takes nothing at all is noticed below it
// (doorway.Stall).
func (p *paced) Write(b []byte) (n int, err error) {
	for n < len(b) {
		if p.waited > mayTake(p.written) {
			p.cancel(ErrSlow)
		}
		if p.ctx.Err() != nil {
			return n, context.Cause(p.ctx) //nolint:wrapcheck // it is one of ours, or the request's
		}
		began := time.Now()
		m, err := p.w.Write(b[n:min(n+pacePart, len(b))])
		p.waited += time.Since(began)
		n, p.written = n+m, p.written+int64(m)
		if err != nil {
			return n, err //nolint:wrapcheck // the connection's
		}
	}
	return n, nil
}

// why says why an answer broke off: what its end made fail says only that it ended.
func (p *paced) why(err error) error {
	if cause := context.Cause(p.ctx); cause != nil && !errors.Is(err, cause) {
		return errors.Join(cause, err)
	}
	return err
}

// mayTake is how long n bytes may take their reader.
func mayTake(n int64) time.Duration {
	return paceGrace + time.Duration(n/paceRate)*time.Second + time.Duration(n%paceRate)*time.Second/paceRate
}
