package redistest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// slots is how many slots a Cluster has.
const slots = 16384

// Nodes is a Cluster of three primaries without replicas.
type Nodes struct {
	Nodes []*Server
	buses []int
}

// Cluster starts a Cluster, and returns when every node knows who has which
// slots.
func Cluster(tb testing.TB) *Nodes {
	tb.Helper()
	n := &Nodes{}
	for range 3 {
		bus := 0
		n.Nodes = append(n.Nodes, launch(tb, func(int) []string {
			bus = freePort(tb)
			return []string{
				"--appendonly", "yes", "--appendfsync", "always", "--save", "",
				"--cluster-enabled", "yes", "--cluster-node-timeout", "5000", "--cluster-port", strconv.Itoa(bus),
			}
		}))
		n.buses = append(n.buses, bus)
	}
	for i := range n.Nodes {
		if err := n.join(i); err != nil {
			tb.Fatalf("redistest: cluster: %v", err)
		}
	}
	for _, node := range n.Nodes {
		client := node.Client()
		if err := await(func(ctx context.Context) error { return n.formed(ctx, client) }); err != nil {
			tb.Fatalf("redistest: cluster: %v", err)
		}
	}
	return n
}

// URL is the Cluster's address as a store takes it.
func (n *Nodes) URL() string { return "redis+cluster://" + addrs(n.Nodes) }

// join gives a node its slots and has the first meet it.
func (n *Nodes) join(i int) error {
	ctx := context.Background()
	size := slots / len(n.Nodes)
	first, last := i*size, (i+1)*size-1
	if i == len(n.Nodes)-1 {
		last = slots - 1
	}
	client := n.Nodes[i].Client()
	if err := client.Do(ctx, "cluster", "set-config-epoch", i+1).Err(); err != nil {
		return fmt.Errorf("epoch of node %d: %w", i, err)
	}
	if err := client.Do(ctx, "cluster", "addslotsrange", first, last).Err(); err != nil {
		return fmt.Errorf("slots of node %d: %w", i, err)
	}
	if i == 0 {
		return nil
	}
	if err := n.Nodes[0].Client().Do(ctx, "cluster", "meet", "127.0.0.1", n.Nodes[i].Port, n.buses[i]).Err(); err != nil {
		return fmt.Errorf("meet node %d: %w", i, err)
	}
	return nil
}

func (n *Nodes) formed(ctx context.Context, client *redis.Client) error {
	info, err := client.ClusterInfo(ctx).Result()
	if err != nil {
		return err
	}
	for _, want := range []string{"cluster_state:ok", "cluster_slots_ok:" + strconv.Itoa(slots), "cluster_known_nodes:" + strconv.Itoa(len(n.Nodes))} {
		if !strings.Contains(info, want) {
			return fmt.Errorf("not formed yet: %s", info)
		}
	}
	return nil
}
