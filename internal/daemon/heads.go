package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/effect/mail"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/records"
)

// The heads of days go to evidence_to, so that somebody else has them. What was mailed to
// an address is a record. So it is mailed whoever made the head and however often a daemon
// dies, and once.

// kindEvidence are records of the last head that was mailed, by its address.
const kindEvidence = "evidence mailed"

// evidenceMail is what these mails are for.
const evidenceMail = "evidence"

// headsLimit is how long the archive's follower waits for the store here.
const headsLimit = 10 * time.Second

// mailHeads records the mails of heads that were not mailed yet. Last are the heads of the
// last days, the oldest first.
func (d *Daemon) mailHeads(ctx context.Context, last []archive.Head) {
	d.mu.Lock()
	to, in, where := d.config.EvidenceTo, d.config.Rules.Language, d.config.Server.PublicURL
	d.mu.Unlock()
	newest := last[len(last)-1]
	said := fmt.Sprint(newest, to)
	if len(to) == 0 || !d.mail.On() || said == d.headsSaid {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, headsLimit)
	defer cancel()
	all := true
	for _, address := range to {
		if err := d.mailHeadsTo(ctx, address, last, &lang.In(in).Evidence, where); err != nil {
			all = false
			d.log.Warn("the head of a day could not be mailed; it will be tried again", zap.String("day", newest.Day), zap.Error(err))
		}
	}
	if all {
		d.headsSaid = said
	}
}

// mailHeadsTo records the mails to one address: of the heads since the last one that went
// there; of the newest, if none did; of all of them, if the archive has another head for
// that day, for then it has another past.
func (d *Daemon) mailHeadsTo(ctx context.Context, address string, last []archive.Head, w *lang.Evidence, where string) error {
	shelf := records.Shelf[archive.Head]{Store: d.records, Home: records.House, Kind: kindEvidence}
	was, err := shelf.Get(ctx, address)
	if err != nil && !errors.Is(err, records.ErrNotFound) && !errors.Is(err, records.ErrUnreadable) {
		return err //nolint:wrapcheck // it names itself
	}
	from := len(last) - 1
	if was.Of.Day != "" {
		from = slices.IndexFunc(last, func(h archive.Head) bool { return h.Day >= was.Of.Day })
		switch {
		case from >= 0 && last[from] == was.Of:
			from++
		case from != 0:
			d.log.Error("the head that was mailed is not in the archive: its past is another one", zap.String("day", was.Of.Day), zap.String("mailed", was.Of.Head))
			from = 0
		}
	}
	if from == len(last) {
		return nil
	}
	for i := from; i < len(last); i++ {
		h := &last[i]
		var before []string
		for _, b := range slices.Backward(last[:i]) {
			before = append(before, lang.Fill(w.Line, "day", b.Day, "head", b.Head, "tickets", strconv.Itoa(b.Tickets)))
		}
		if len(before) == 0 {
			before = []string{w.None}
		}
		err := d.mail.ToAddress(ctx, address, mail.Mail{
			Kind: evidenceMail, Key: h.Day + " " + h.Head, Subject: lang.Fill(w.Subject, "day", h.Day, "head", h.Head),
			Body: lang.Fill(w.Body, "where", where, "day", h.Day, "tickets", strconv.Itoa(h.Tickets), "head", h.Head, "before", strings.Join(before, "\n")),
		})
		if err != nil {
			return err //nolint:wrapcheck // likewise
		}
	}
	write, err := shelf.Put(address, was.Revision, last[len(last)-1])
	if err == nil {
		_, err = d.records.Write(ctx, records.House, write)
	}
	if err != nil && !errors.Is(err, records.ErrConflict) { // else another daemon did so
		return fmt.Errorf("daemon: keep which head was mailed: %w", err)
	}
	return nil
}
