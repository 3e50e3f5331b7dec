package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/astreinte/astreinte/config"
	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/attachment"
	"github.com/astreinte/astreinte/internal/evidence"
	"github.com/astreinte/astreinte/internal/proof"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// Verified is what Verify found.
type Verified = archive.Verified

// ErrNoTicket says that the archive has no such ticket.
var ErrNoTicket = archive.ErrNotFound

// Verify looks whether all of the configured archive, or one ticket, is as it was sealed, and
// whether these heads, which somebody kept, are those of its days; if files is set, also
// whether each attached file is the one that was attached. A daemon may run meanwhile.
func Verify(ctx context.Context, cfg *config.Config, number string, heads []string, files bool, now func() time.Time) (v Verified, err error) {
	if !archived(cfg) {
		return v, errors.New("daemon: there is no archive: nothing is sealed (archive)")
	}
	var look func(number string, of *ticket.Attachment) error
	if files {
		if cfg.Attachments == "" {
			return v, errors.New("daemon: there is no folder of attachments (attachments)")
		}
		folder := attachment.New(cfg.Attachments, func() int64 { return 0 })
		defer func() { err = errors.Join(err, folder.Close()) }()
		look = func(number string, of *ticket.Attachment) error { return folder.Check(number, of.ID, of.SHA256) }
	}
	a, err := archive.Open(archive.Options{URL: cfg.Archive, Now: now})
	if err != nil {
		return v, fmt.Errorf("daemon: %w", err)
	}
	v, err = a.VerifyFiles(ctx, number, look, heads...)
	if err = errors.Join(err, a.Close()); err != nil {
		return v, fmt.Errorf("daemon: %w", err)
	}
	return v, nil
}

// prover proves tickets by the daemon's archive.
type prover struct{ d *Daemon }

var _ proof.Archive = prover{}

// Proof implements proof.Archive.
func (p prover) Proof(ctx context.Context, number string) (evidence.Proof, ticket.View, error) {
	if p.d.archive == nil {
		return evidence.Proof{}, ticket.View{}, web.Refuse(http.StatusNotImplemented, "no_archive", "there is no archive: nothing is sealed (archive)")
	}
	of, view, err := p.d.archive.Proof(ctx, number)
	if errors.Is(err, archive.ErrNotFound) {
		if _, there := p.d.store.Locate(ctx, number); there == nil {
			return of, view, web.RefuseFor(time.Second, http.StatusServiceUnavailable, "not_copied", "the ticket is not copied yet into the archive, which seals it; try again")
		}
		err = errors.Join(escalation.ErrNotFound, err)
	}
	if err != nil {
		return of, view, fmt.Errorf("daemon: %w", err)
	}
	return of, view, nil
}
