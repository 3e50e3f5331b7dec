package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/attachment"
	"github.com/astreinte/astreinte/internal/attachment/board"
	"github.com/astreinte/astreinte/internal/disk"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

const (
	filesEvery = time.Minute     // it is looked whether the disk has room
	sweptEvery = 5 * time.Minute // … and what is to be ended or removed
	sweepsFor  = time.Minute     // the longest that one sweep may take
)

// buildFiles makes the folder of attachments; nil if none is configured.
func (d *Daemon) buildFiles() {
	if d.config.Attachments == "" {
		return
	}
	d.files = attachment.New(d.config.Attachments, d.minFree)
	d.later("attachments", func(context.Context) error { return d.files.Close() })
}

// minFree is how much of a disk is left to what pages.
func (d *Daemon) minFree() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.config.Server.MinFree
}

func (d *Daemon) mountFiles(frame web.Frame) {
	d.web.Mount(board.New(&board.Board{House: d.web, Folder: d.files, Frame: frame, Log: d.log}).Routes()...)
}

// keepFiles looks whether attachments have room, and sweeps their folder.
func (d *Daemon) keepFiles(ctx context.Context) {
	d.untilTimed(ctx)
	tick := time.NewTicker(filesEvery)
	defer tick.Stop()
	for swept := time.Duration(0); ; swept += filesEvery {
		d.lookForRoom()
		if swept%sweptEvery == 0 {
			d.sweepFiles(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (d *Daemon) lookForRoom() {
	err := d.files.Room(0)
	if was := d.noRoom.Swap(err != nil); err != nil && !was {
		d.log.Warn("no file can be attached to a ticket", zap.String("folder", d.config.Attachments), zap.Error(err))
	}
}

// fileWarnings say that nothing can be attached.
func (d *Daemon) fileWarnings() []string {
	if !d.noRoom.Load() {
		return nil
	}
	return []string{disk.ErrNoRoom.Error() + ": no file can be attached to a ticket (server.min_free)"}
}

func (d *Daemon) sweepFiles(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, sweepsFor)
	defer cancel()
	d.mu.Lock()
	keep := d.config.Retention.Tickets
	d.mu.Unlock()
	swept, err := d.files.Sweep(ctx, attachedTo{d}, d.clock.Now(), keep)
	if err != nil && ctx.Err() == nil {
		d.log.Warn("the folder of attachments could not be swept; it will be tried again", zap.Error(err))
	}
	if !swept.Nothing() {
		d.log.Info("the folder of attachments was swept", zap.Int("kept", swept.Kept), zap.Int("removed", swept.Removed), zap.Int("tickets", swept.Tickets))
	}
}

// attachedTo says what tickets name.
type attachedTo struct{ d *Daemon }

// Attached implements attachment.Tickets.
func (a attachedTo) Attached(ctx context.Context, number string) (ids []string, known bool, err error) {
	source, err := a.d.store.Locate(ctx, number)
	if errors.Is(err, escalation.ErrNotFound) {
		return a.archived(ctx, number)
	}
	if err != nil {
		return nil, false, fmt.Errorf("daemon: find ticket %s: %w", number, err)
	}
	r, err := a.d.store.Records().Get(ctx, source, ticket.SheetRecords, number)
	if errors.Is(err, records.ErrNotFound) {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("daemon: the sheet of ticket %s: %w", number, err)
	}
	sheet, err := ticket.ReadSheet(r.Value)
	if err != nil {
		return nil, false, err //nolint:wrapcheck // it names itself
	}
	return idsOf(sheet), true, nil
}

// archived is Attached for tickets that have left the store.
func (a attachedTo) archived(ctx context.Context, number string) (ids []string, known bool, err error) {
	if a.d.archive == nil {
		return nil, false, nil
	}
	w, err := a.d.archive.View(ctx, ticket.Everything(), number)
	if errors.Is(err, archive.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err //nolint:wrapcheck // it names itself
	}
	return idsOf(w.View.Sheet), true, nil
}

func idsOf(s *ticket.Sheet) (ids []string) {
	if s == nil {
		return nil
	}
	for i := range s.Attachments {
		ids = append(ids, s.Attachments[i].ID)
	}
	return ids
}
