package web

import (
	"context"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/presence"
)

// Here are those who are at a ticket now, but one. It is a hint: what cannot be read is
// nobody.
func (s *Server) Here(ctx context.Context, number, but string) []presence.Present {
	if s.presence == nil {
		return nil
	}
	list, err := s.presence.Others(ctx, number, but, s.engine.Now())
	if err != nil {
		s.log.Warn("who is at a ticket could not be read", zap.String("ticket", number), zap.Error(err))
	}
	return list
}

// CameTo notes that somebody is at a ticket: it was opened to be edited.
func (s *Server) CameTo(ctx context.Context, number, person string) {
	if s.presence == nil || person == "" {
		return
	}
	if err := s.presence.Here(ctx, number, person, s.engine.Now()); err != nil {
		s.log.Warn("that somebody is at a ticket was not noted", zap.String("ticket", number), zap.Error(err))
	}
}
