package courier

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"
)

// How long the tool is held up at most, and how long there is to send.
const (
	HeldUp  = 5 * time.Second
	sending = HeldUp - 300*time.Millisecond // what is left is for handing over
	// A daemon that does not answer is tried again so soon, and then less often.
	firstPause      = 250 * time.Millisecond
	longestPause    = time.Second
	backgroundPause = 15 * time.Second
	lookEvery       = 200 * time.Millisecond // for what came while nothing could be sent
)

// Options are what Bring and Flush need besides.
type Options struct {
	// Background is the command that goes on sending: it calls Flush with the
	// lock that it inherits as its file 3.
	Background func() *exec.Cmd
	Hold       time.Duration // how long to send before that; 0: nearly HeldUp
}

// Kept says that a message is in the spool, and is not sent yet.
type Kept struct {
	Dir  string
	Why  error
	Sent bool // a process in the background goes on sending
}

// Error says so.
func (k *Kept) Error() string {
	if k.Sent {
		return fmt.Sprintf("%v: the notification is kept in %s, and is sent from the background", k.Why, k.Dir)
	}
	return fmt.Sprintf("%v: the notification is kept in %s, and nothing sends it: run astreinte notify --spool %s flush", k.Why, k.Dir, k.Dir)
}

// Unwrap is why it was not sent.
func (k *Kept) Unwrap() error { return k.Why }

// Bring keeps a message and sends what waits. It returns nil once the message
// is sent, or is another process's to send. Otherwise the error says what became
// of it: a *Kept if it is in the spool.
func Bring(ctx context.Context, s *Spool, m Message, o Options) error {
	if o.Hold == 0 {
		o.Hold = sending
	}
	ctx, cancel := context.WithTimeout(ctx, o.Hold)
	defer cancel()
	sender := NewSender(s)
	name, err := s.Keep(&m)
	if err != nil {
		return once(ctx, sender, m, err)
	}
	for {
		held, err := s.Hold()
		if errors.Is(err, errHeld) {
			return s.others() // whoever sends looks again before it ends
		}
		if err != nil {
			return &Kept{Dir: s.dir, Why: err}
		}
		why := trying(ctx, sender)
		if reason, no := sender.refused[name]; no {
			_ = held.Close() // nothing was written to it
			return fmt.Errorf("the daemon refuses the notification, which is set aside in %s: %s", s.path(refusedName, name), reason)
		}
		if why != nil {
			err := s.leave(held, why, o)
			if _, gone := os.Stat(s.path(queueName, name)); errors.Is(gone, fs.ErrNotExist) {
				return nil // what waits still is not ours
			}
			return err
		}
		s.note(nil)
		_ = held.Close() // nothing was written to it
		if left, err := s.Waiting(); err != nil || len(left) == 0 {
			return err
		}
	}
}

// others is what is to be said if another process sends: nothing, or why it
// could not do so until now.
func (s *Spool) others() error {
	word, err := os.ReadFile(s.path(wordName))
	if err != nil || len(word) == 0 {
		return nil //nolint:nilerr // there is none
	}
	return &Kept{Dir: s.dir, Why: errors.New(strings.TrimSpace(string(word))), Sent: true}
}

// Once posts a message that cannot be kept, and why is the reason. Its error says
// so, whether that worked or not.
func Once(ctx context.Context, m Message, why error) error {
	ctx, cancel := context.WithTimeout(ctx, sending)
	defer cancel()
	return once(ctx, NewSender(nil), m, why)
}

func once(ctx context.Context, sender *Sender, m Message, why error) error {
	if err := sender.Post(ctx, []Message{m}); err != nil {
		return fmt.Errorf("the notification is lost: %w; and it could not be sent: %w", why, err)
	}
	return fmt.Errorf("the notification was sent, but while no daemon answers none can be kept: %w", why)
}

// trying sends until nothing waits, or until ctx ends. It returns why something
// waits still. A token that cannot be read, or is refused, is not waited for.
func trying(ctx context.Context, sender *Sender) error {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		left, why := sender.Drain(ctx)
		if left == 0 {
			return nil
		}
		token := (*TokenError)(nil)
		if errors.As(why, &token) || ctx.Err() != nil {
			return why
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return why
		case <-timer.C:
		}
	}
}

// leave hands the lock to a process in the background. That process does not
// hold what the tool waits for.
func (s *Spool) leave(held *os.File, why error, o Options) error {
	defer func() { _ = held.Close() }() // the process has it still
	s.note(why)
	kept := &Kept{Dir: s.dir, Why: why}
	if o.Background == nil {
		return kept
	}
	cmd := o.Background()
	cmd.ExtraFiles = []*os.File{held}
	if err := detach(cmd); err != nil {
		kept.Why = fmt.Errorf("%w; and no process could be started: %w", why, err)
		return kept
	}
	kept.Sent = true
	return kept
}

// Hold takes the lock of who sends.
func (s *Spool) Hold() (*os.File, error) { return s.lock(sendingName, false) }

// Inherited is the lock that a process got as its file 3.
func (s *Spool) Inherited() (*os.File, error) {
	f := os.NewFile(3, sendingName)
	if f == nil {
		return nil, errors.New("courier: no lock was inherited")
	}
	if err := flock(f, false); err != nil { // it is ours already, or it is no lock
		return nil, fmt.Errorf("courier: what was inherited is no lock: %w", err)
	}
	return f, nil
}

// Stay sends until nothing waits, for hours if need be. What comes meanwhile is
// tried at once.
func Stay(ctx context.Context, s *Spool, held *os.File) error {
	sender := NewSender(s)
	for pause := longestPause; ; pause = min(2*pause, backgroundPause) {
		left, why := sender.Drain(ctx)
		s.note(why)
		if left == 0 {
			_ = held.Close() // nothing was written to it
			if names, err := s.Waiting(); err != nil || len(names) == 0 {
				return err
			}
			again, err := s.Hold()
			if err != nil {
				return nil //nolint:nilerr // another process sends
			}
			held, pause = again, longestPause
			continue
		}
		if ctx.Err() != nil {
			return errors.Join(context.Cause(ctx), held.Close())
		}
		if _, err := os.Stat(s.path(queueName)); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("courier: the spool is gone: %w", err)
		}
		s.await(ctx, pause)
	}
}

// await waits, but no longer than until a message comes.
func (s *Spool) await(ctx context.Context, pause time.Duration) {
	before, _ := s.Waiting()
	for began := time.Now(); time.Since(began) < pause; {
		timer := time.NewTimer(lookEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		now, _ := s.Waiting()
		if len(now) > 0 && (len(before) == 0 || now[len(now)-1] != before[len(before)-1]) && time.Since(began) >= longestPause {
			return
		}
	}
}

// Flush sends what waits, once. left is how many messages wait still, and why.
// If another process sends, other is true and nothing was done.
func Flush(ctx context.Context, s *Spool) (left int, refused map[string]string, other bool, err error) {
	held, err := s.Hold()
	if errors.Is(err, errHeld) {
		return 0, nil, true, nil
	}
	if err != nil {
		return 0, nil, false, err
	}
	defer func() { _ = held.Close() }() // nothing was written to it
	sender := NewSender(s)
	left, err = sender.Drain(ctx)
	s.note(err)
	return left, sender.refused, false, err
}
