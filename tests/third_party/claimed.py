"""Claims of a third party, which tests install."""

from bench.claims.base import Claim, Contrast, Experiment, Plan, side, sides
from bench.records import RunSpec


class Smooth(Claim):
    name = "smooth"
    number = 11
    title = "smoothing"
    sentence = "Much smoothing helps."
    refuted_if = "it does not."
    method = "Toy models on toy texts."
    limits = "Both are toys."

    def plan(self, setting):
        much, little = "toy-words[smoothing=1000000]", "toy-words"
        experiments = [
            Experiment(
                name=f"words-{n}",
                spec=RunSpec(models=(much, little), dataset=f"last-words[n={n},of=toy]", seeds=2),
            )
            for n in (5, 30)
        ]
        contrasts = [
            Contrast(part="words", at=f"{n} words", x=n, model=side(e, much), rivals=sides(e, [little]))
            for n, e in zip((5, 30), experiments, strict=True)
        ]
        return Plan(experiments=tuple(experiments), contrasts=tuple(contrasts))


class Slow(Smooth):
    name = "slow"
    number = 12

    def plan(self, setting):
        spec = RunSpec(models=("toys:Slow[seconds=2.5]", "toy-words"), dataset="toy", seeds=2)
        e = Experiment(name="toy", spec=spec)
        contrast = Contrast(part="p", at="a", model=side(e, "toys:Slow[seconds=2.5]"), rivals=sides(e, ["toy-words"]))
        return Plan(experiments=(e,), contrasts=(contrast,))


class BadModel(Smooth):
    name = "bad-model"
    number = 13

    def plan(self, setting):
        spec = RunSpec(models=("toy-words[smoothing=2.0]",), dataset="toy")
        e = Experiment(name="toy", spec=spec)
        (model,) = spec.models
        contrast = Contrast(part="p", at="a", model=side(e, model), rivals=sides(e, [model]))
        return Plan(experiments=(e,), contrasts=(contrast,))


class BadContrast(Smooth):
    name = "bad-contrast"
    number = 14

    def plan(self, setting):
        e = Experiment(name="toy", spec=RunSpec(models=("toy-words",), dataset="toy"))
        other = Experiment(name="elsewhere", spec=e.spec)
        contrast = Contrast(part="p", at="a", model=side(other, "toy-words"), rivals=sides(e, ["toy-words"]))
        return Plan(experiments=(e,), contrasts=(contrast,))


class Fails(Smooth):
    name = "fails"
    number = 15

    def plan(self, setting):
        e = Experiment(name="toy", spec=RunSpec(models=("toys:Wrong", "toy-words"), dataset="toy"))
        contrast = Contrast(part="p", at="a", model=side(e, "toys:Wrong"), rivals=sides(e, ["toy-words"]))
        return Plan(experiments=(e,), contrasts=(contrast,))


class Misnamed(Smooth):
    name = "other-name"


class Wordless(Smooth):
    name = "broken"
    limits = None


class Planless(Smooth):
    name = "planless"

    def plan(self, setting):
        return Plan(experiments=(), contrasts=(Contrast(part="p", at="a", model=None, rivals=()),))


class Returnless(Smooth):
    name = "returnless"

    def plan(self, setting):
        super().plan(setting)


class Contrastless(Smooth):
    name = "contrastless"

    def plan(self, setting):
        return Plan(experiments=super().plan(setting).experiments, contrasts=())


class Unknown(Smooth):
    name = "unknown"

    def plan(self, setting):
        e = Experiment(name="toy", spec=RunSpec(models=("toy-words",), dataset="last-words[of=imbd]"))
        contrast = Contrast(part="p", at="a", model=side(e, "toy-words"), rivals=sides(e, ["toy-words"]))
        return Plan(experiments=(e,), contrasts=(contrast,))


class Unloadable(Smooth):
    name = "unloadable"
    number = 18
    n_train = 10**6

    def plan(self, setting):
        spec = RunSpec(models=("toy-words",), dataset="toy", train_size=(self.n_train,))
        e = Experiment(name="toy", spec=spec)
        model, rivals = side(e, "toy-words", self.n_train), sides(e, ["toy-words"], self.n_train)
        contrast = Contrast(part="p", at="a", model=model, rivals=rivals)
        return Plan(experiments=(e,), contrasts=(contrast,))


class Absent(Smooth):
    name = "absent"

    def plan(self, setting):
        e = Experiment(name="toy", spec=RunSpec(models=("toy-words",), dataset="banking77"))
        contrast = Contrast(part="p", at="a", model=side(e, "toy-words"), rivals=sides(e, ["toy-words"]))
        return Plan(experiments=(e,), contrasts=(contrast,))


class Tableless(Smooth):
    name = "tableless"
    number = 16

    def tables(self, evidence):
        raise KeyError("no such model")


class Figureless(Smooth):
    name = "figureless"
    number = 17

    def figures(self, evidence):
        return [evidence.declared.plan.figure]
