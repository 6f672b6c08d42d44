//! What flows: upgraded streams, gRPC, long bodies both ways, and answers that break off.

mod bodies;
mod grpc;
mod upgrade;
