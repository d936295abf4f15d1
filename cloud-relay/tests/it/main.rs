//! The relay from outside: visitors and schools over real sockets on loopback, with a scripted edge that can also misbehave.

mod blindness;
mod enrolment;
mod hellos;
mod limits;
mod links;
mod nats;
mod process;
mod routing;
mod streams;
mod support;
mod witness;
