package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// conn is one connection of a sender. It is kept open. Requests are made
// beforehand and answers only skimmed, so that the sender takes little of the
// machine that it measures.
type conn struct {
	net    net.Conn
	reader *bufio.Reader
	stop   func() bool // what ends it with its context
}

// answersWithin is how long one request may take.
const answersWithin = 30 * time.Second

func dial(ctx context.Context, address string) (*conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	return &conn{net: c, reader: bufio.NewReaderSize(c, 16<<10), stop: stop}, nil
}

func (c *conn) close() {
	c.stop()
	_ = c.net.Close()
}

// post sends a request and wants a 2xx.
func (c *conn) post(s *shot) error {
	if err := c.net.SetDeadline(time.Now().Add(answersWithin)); err != nil {
		return fmt.Errorf("post: %w", err)
	}
	if _, err := c.net.Write(s.request); err != nil {
		return fmt.Errorf("post: %w", err)
	}
	resp, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return fmt.Errorf("post: read the answer: %w", err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("post: read the answer: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("post: %s: %.200s", resp.Status, said)
	}
	return nil
}

// connections is how many connections a load has.
const connections = 8

// beside runs one sender on each of n connections.
func beside(ctx context.Context, s *subject, n int, send func(ctx context.Context, c *conn, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range n {
		group.Go(func() error {
			c, err := dial(ctx, s.address)
			if err != nil {
				return err
			}
			defer c.close()
			return send(ctx, c, i)
		})
	}
	return group.Wait()
}
