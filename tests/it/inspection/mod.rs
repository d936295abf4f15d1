//! Other people's content is read by two people's will and under their eyes; and two states of a view are compared.

mod asked;
mod compared;
mod looked;
mod opened;
mod scene;
